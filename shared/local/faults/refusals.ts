import type { LocalResponse } from "../http/loopback-server.ts";

/** Answers that the SDK tries again after, and gives up on when they stay. */

export function throttled(service: string): LocalResponse {
  if (service === "s3") return xml(503, "SlowDown");
  if (service === "lambda") return json(429, "TooManyRequestsException");
  if (service === "sqs")
    return json(400, "com.amazonaws.sqs#RequestThrottled", {
      "x-amzn-query-error": "RequestThrottled;Sender",
    });
  if (service === "sns") return query(400, "Throttled");
  return json(400, "ThrottlingException");
}

export function serverError(service: string): LocalResponse {
  if (service === "sns") return query(500, "InternalError");
  return service === "s3" ? xml(500, "InternalError") : json(500, "InternalServerError");
}

const json = (status: number, code: string, more: Readonly<Record<string, string>> = {}): LocalResponse => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": code, ...more },
  body: JSON.stringify({
    __type: code,
    message: "The local endpoint was configured to answer with this error.",
  }),
});

const query = (status: number, code: string): LocalResponse => ({
  status,
  headers: { "content-type": "text/xml" },
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>The local endpoint was configured to answer with this error.</Message></Error></ErrorResponse>`,
});

const xml = (status: number, code: string): LocalResponse => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<Error><Code>${code}</Code><Message>The local endpoint was configured to answer with this error.</Message></Error>`,
});
