import { AwsError } from "../http/service-error.ts";
import { serveLoopback, type LocalResponse, type LoopbackServer } from "../http/loopback-server.ts";
import type { Access, Caller } from "../iam/access.ts";
import { LOCAL_ACCOUNT, LOCAL_REGION } from "../addresses.ts";
import { LAMBDA } from "../signing/services.ts";
import type { LocalFunction } from "./lambda-function.ts";
import { requirePayload, withinPayload } from "./payload-limits.ts";

const INVOKE = /^\/2015-03-31\/functions\/([^/?]+)\/invocations/;

const URL_CONFIG = /^\/2021-10-31\/functions\/([^/?]+)\/url$/;

/** Lambda's Invoke, of the type RequestResponse, and GetFunctionUrlConfig. */
export function serveLambda(
  functions: ReadonlyMap<string, LocalFunction>,
  access: Access,
  urls: ReadonlyMap<string, FunctionUrlConfig> = new Map(),
): Promise<LoopbackServer> {
  return serveLoopback(async (request) => {
    try {
      const caller = await access.authenticate(request, LAMBDA);
      const { method, target, headers, body, gone } = request;
      const asked = method === "GET" ? URL_CONFIG.exec(target)?.[1] : undefined;
      if (asked !== undefined)
        return urlConfig(decodeURIComponent(asked), caller, { functions, access, urls });
      const name = decodeURIComponent(INVOKE.exec(target)?.[1] ?? "").replace(
        /^arn:aws:lambda:[^:]*:[^:]*:function:/,
        "",
      );
      if (method !== "POST" || name === "") {
        throw new AwsError(
          "UnknownOperationException",
          "The local Lambda supports Invoke and GetFunctionUrlConfig only.",
          404,
        );
      }
      const invoked = functions.get(name);
      if (invoked === undefined)
        throw new AwsError("ResourceNotFoundException", `Function not found: ${name}`, 404);
      access.check(caller, "Invoke", "lambda:InvokeFunction", invoked.config.arn);
      const type = headers["x-amz-invocation-type"] ?? "RequestResponse";
      if (type !== "RequestResponse") {
        throw new AwsError(
          "InvalidParameterValueException",
          `The local Lambda does not support the invocation type ${type}.`,
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

/** What is known of a function's URL. */
export interface FunctionUrlConfig {
  readonly url: string;
  readonly authType: "AWS_IAM" | "NONE";
  readonly invokeMode: "BUFFERED" | "RESPONSE_STREAM";
}

interface UrlSite {
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly access: Access;
  readonly urls: ReadonlyMap<string, FunctionUrlConfig>;
}

function urlConfig(given: string, caller: Caller, { functions, access, urls }: UrlSite): LocalResponse {
  const name = given.replace(/^arn:aws:lambda:[^:]*:[^:]*:function:/, "");
  const arn =
    functions.get(name)?.config.arn ?? `arn:aws:lambda:${LOCAL_REGION}:${LOCAL_ACCOUNT}:function:${name}`;
  access.check(caller, "GetFunctionUrlConfig", "lambda:GetFunctionUrlConfig", arn);
  const found = urls.get(name);
  if (found === undefined)
    throw new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404);
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      AuthType: found.authType,
      CreationTime: "1970-01-01T00:00:00Z",
      FunctionArn: arn,
      FunctionUrl: `${found.url}/`,
      InvokeMode: found.invokeMode,
      LastModifiedTime: "1970-01-01T00:00:00Z",
    }),
  };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new AwsError("InvalidRequestContentException", "Could not parse request body into json.");
  }
}
