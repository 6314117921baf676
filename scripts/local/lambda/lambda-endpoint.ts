import { AwsError } from "../http/aws-error.ts";
import { serveLoopback, type LoopbackServer } from "../http/loopback-server.ts";
import type { Access } from "../iam/access.ts";
import { LAMBDA } from "../signing/services.ts";
import type { LocalFunction } from "./lambda-function.ts";
import { requirePayload, withinPayload } from "./payload-limits.ts";

const INVOKE = /^\/2015-03-31\/functions\/([^/?]+)\/invocations/;

/** Lambda's Invoke, of the type RequestResponse. */
export function serveLambda(
  functions: ReadonlyMap<string, LocalFunction>,
  access: Access,
): Promise<LoopbackServer> {
  return serveLoopback(async (request) => {
    try {
      const caller = await access.authenticate(request, LAMBDA);
      const { method, target, headers, body, gone } = request;
      const name = decodeURIComponent(INVOKE.exec(target)?.[1] ?? "").replace(
        /^arn:aws:lambda:[^:]*:[^:]*:function:/,
        "",
      );
      if (method !== "POST" || name === "") {
        throw new AwsError("UnknownOperationException", "The local Lambda knows Invoke only.", 404);
      }
      const invoked = functions.get(name);
      if (invoked === undefined)
        throw new AwsError("ResourceNotFoundException", `Function not found: ${name}`, 404);
      access.check(caller, "Invoke", "lambda:InvokeFunction", invoked.config.arn);
      const type = headers["x-amz-invocation-type"] ?? "RequestResponse";
      if (type !== "RequestResponse") {
        throw new AwsError(
          "InvalidParameterValueException",
          `The local Lambda does not invoke with ${type}.`,
        );
      }
      const traceId = headers["x-amzn-trace-id"];
      requirePayload(body);
      const event: unknown = body.length === 0 ? {} : jsonOf(body);
      const outcome = withinPayload(
        await invoked.invoke(event, { gone, ...(traceId !== undefined && { traceId }) }),
      );
      if (outcome.type === "throttled") {
        throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429, { Reason: outcome.reason });
      }
      const common = { "content-type": "application/json", "x-amz-executed-version": "$LATEST" };
      if (outcome.type === "ok") return { status: 200, headers: common, body: outcome.payload };
      return {
        status: 200,
        headers: { ...common, "x-amz-function-error": "Unhandled" },
        body: JSON.stringify(outcome.error),
      };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return {
        status: error.status,
        headers: { "content-type": "application/json", "x-amzn-errortype": error.code },
        body: JSON.stringify({
          Type: "User",
          Message: error.message,
          message: error.message,
          ...error.fields,
        }),
      };
    }
  });
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new AwsError("InvalidRequestContentException", "Could not parse request body into json.");
  }
}
