import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEventWithIAMAuthorizer } from "aws-lambda";
import type { Tenants } from "#aws/lambda/tenants.ts";
import { currentTrace, readTrace } from "#aws/observe/trace.ts";
import { EVENT_DEPTH, formProblem } from "#core/json-form.ts";
import { isJsonObject } from "#core/json.ts";
import type { HttpIngress } from "#runtime/doors/create-http-ingress.ts";
import type { HttpRequest } from "#runtime/doors/http/http-message.ts";
import { unknownCaller } from "#runtime/doors/http/problem.ts";

type UrlEvent = LambdaFunctionURLEventWithIAMAuthorizer;

/**
 * Serves a request to the function's URL, before the function ends. Who calls is what IAM found out; a principal of no
 * tenant is refused.
 */
export async function serveUrl(
  event: UrlEvent,
  http: HttpIngress,
  tenants: Tenants,
  endsAt: number,
): Promise<APIGatewayProxyStructuredResultV2> {
  const caller = tenants.ofPrincipal(event.requestContext.authorizer.iam.userArn);
  const { status, headers, body } =
    caller === undefined ? unknownCaller() : await http({ ...toRequest(event, caller), endsAt });
  return { statusCode: status, headers: { ...headers }, body };
}

function toRequest(event: UrlEvent, caller: HttpRequest["caller"]): HttpRequest {
  const { rawPath, rawQueryString, headers, isBase64Encoded } = event;
  const { method } = event.requestContext.http;
  const text =
    event.body !== undefined && isBase64Encoded
      ? Buffer.from(event.body, "base64").toString("utf8")
      : event.body;
  const body = text !== undefined && takesTrace(method, rawPath) ? withTrace(text, headers) : text;
  return {
    method,
    path: rawPath,
    query: Object.fromEntries(new URLSearchParams(rawQueryString)),
    headers,
    caller,
    ...(body !== undefined && { body }),
  };
}

const takesTrace = (method: string, path: string): boolean => method === "POST" && path.endsWith("/events");

/**
 * W3C trace context comes as a header; in an event it is a field, and what stands there counts. Where spans are recorded the
 * event is caused by the request's own.
 */
function withTrace(text: string, headers: UrlEvent["headers"]): string {
  const { traceparent } = readTrace({ traceparent: currentTrace().traceparent ?? headers["traceparent"] });
  if (traceparent === undefined) return text;
  try {
    const body: unknown = JSON.parse(text);
    // Written anew, a number that JSON cannot say would become another before anybody has seen it.
    if (formProblem(body, "body", EVENT_DEPTH) !== undefined) return text;
    return isJsonObject(body) && !("traceparent" in body) ? JSON.stringify({ ...body, traceparent }) : text;
  } catch {
    return text;
  }
}
