import { randomUUID } from "node:crypto";
import { AwsError } from "../http/service-error.ts";
import type { LocalRequest, LocalResponse } from "../http/loopback-server.ts";
import type { Access, Caller } from "../iam/access.ts";
import { FUNCTION_URL } from "../signing/services.ts";
import type { LocalFunction } from "./lambda-function.ts";
import { requirePayload, withinPayload } from "./payload-limits.ts";
import { streamedAnswer } from "./streamed-answer.ts";

export interface FunctionUrlOptions {
  readonly invoked: LocalFunction;
  readonly authType: "AWS_IAM" | "NONE";
  /** Whether it hands on what the function streams as it comes, or the whole. */
  readonly invokeMode: "BUFFERED" | "RESPONSE_STREAM";
  readonly access: Access;
  readonly account: string;
}

/**
 * A function URL, payload format 2.0. Under AWS_IAM the caller is who signed the request; with NONE nobody needs to, but the function's
 * policy must allow everyone both rights.
 */
export function functionUrl(options: FunctionUrlOptions): (request: LocalRequest) => Promise<LocalResponse> {
  const { invoked, authType, invokeMode, account } = options;
  return async (request) => {
    try {
      const signed =
        authType === "AWS_IAM" ? await options.access.authenticate(request, FUNCTION_URL) : undefined;
      authorize(signed ?? ANYONE, options);
      const event = eventOf(request, signed, account);
      requirePayload(JSON.stringify(event));
      if (invokeMode === "RESPONSE_STREAM") return await streamed(invoked, event, request.gone);
      const outcome = withinPayload(await invoked.invoke(event, { gone: request.gone }));
      if (outcome.type === "throttled") return plain(429, "Rate Exceeded.");
      const result = outcome.type === "error" ? undefined : jsonIn(outcome.payload);
      return result === undefined ? plain(502, "Internal Server Error") : responseOf(result.value);
    } catch (error) {
      if (error instanceof AwsError && error.status === 413) return plain(413, "Request Entity Too Large");
      if (error instanceof AwsError) return refusal(error);
      throw error;
    }
  };
}

/** What a function answers that does not stream is handed on as it is: in this mode nobody takes its JSON for a response. */
async function streamed(invoked: LocalFunction, event: object, gone: AbortSignal): Promise<LocalResponse> {
  const { sink, response, end } = streamedAnswer();
  const running = invoked.invoke(event, { gone, sink });
  const ended = running.then((outcome) => {
    end(outcome.type === "ok");
    return outcome;
  });
  const begun = await response;
  if (begun !== undefined) return begun;
  const outcome = await ended;
  if (outcome.type === "throttled") return plain(429, "Rate Exceeded.");
  if (outcome.type === "error" || outcome.payload === "") return plain(502, "Internal Server Error");
  return { status: 200, headers: { "content-type": "application/octet-stream" }, body: outcome.payload };
}

/** A streamed response is no JSON where it comes with its head. */
function jsonIn(payload: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(payload) };
  } catch {
    return undefined;
  }
}

/** Only a policy that names everyone names who sends no signature. */
const ANYONE: Caller = { name: "anonymous", principal: { type: "service", name: "anonymous" } };

function authorize(caller: Caller, { access, invoked, authType }: FunctionUrlOptions): void {
  const { arn } = invoked.config;
  access.check(caller, "InvokeFunctionUrl", "lambda:InvokeFunctionUrl", arn, {
    "lambda:FunctionUrlAuthType": authType,
  });
  // Since October 2025 a caller needs both rights.
  if (access.isAllowed(caller, "lambda:InvokeFunction", arn, { "lambda:InvokedViaFunctionUrl": "true" }))
    return;
  throw new AwsError("AccessDeniedException", `lambda:InvokeFunction on ${arn} is missing.`, 403);
}

function eventOf(request: LocalRequest, caller: Caller | undefined, account: string): object {
  const url = new URL(request.target, "http://local");
  const { cookie, ...headers } = request.headers;
  const contentType = headers["content-type"] ?? "";
  const text = /^(?:text\/|application\/(?:[\w.+-]*json|xml|javascript|x-www-form-urlencoded))/.test(
    contentType,
  );
  const now = Date.now();
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie !== undefined && { cookies: cookie.split("; ") }),
    headers,
    ...(url.search !== "" && { queryStringParameters: Object.fromEntries(joined(url.searchParams)) }),
    requestContext: {
      accountId: caller === undefined ? "anonymous" : account,
      apiId: "local",
      domainName: headers["host"] ?? "local",
      domainPrefix: "local",
      ...(caller?.principal.type === "identity" && { authorizer: { iam: identityOf(caller, account) } }),
      http: {
        method: request.method,
        path: url.pathname,
        protocol: "HTTP/1.1",
        sourceIp: request.sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: "$default",
      stage: "$default",
      time: new Date(now).toISOString(),
      timeEpoch: now,
    },
    ...(request.body.length > 0 && { body: request.body.toString(text ? "utf8" : "base64") }),
    isBase64Encoded: request.body.length > 0 && !text,
  };
}

function identityOf({ principal, name }: Caller, account: string): object {
  const userArn = principal.type === "identity" ? principal.arn : "";
  return {
    accessKey: name,
    accountId: userArn.split(":")[4] ?? account,
    callerId: name,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn,
    userId: name,
  };
}

/** Repeated query parameters come joined by commas. */
function joined(query: URLSearchParams): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of query)
    values.set(name, values.has(name) ? `${values.get(name)},${value}` : value);
  return values;
}

/** What the function answered: a whole response if it names a status, else its JSON. */
function responseOf(result: unknown): LocalResponse {
  if (typeof result !== "object" || result === null || !("statusCode" in result)) {
    const body = typeof result === "string" ? result : JSON.stringify(result);
    return { status: 200, headers: { "content-type": "application/json" }, body };
  }
  const { statusCode, headers, body, cookies, isBase64Encoded } = result as {
    readonly statusCode: number;
    readonly headers?: Readonly<Record<string, string | number | boolean>>;
    readonly body?: string;
    readonly cookies?: readonly string[];
    readonly isBase64Encoded?: boolean;
  }; // the format that Lambda documents; what differs from it fails at the caller, as there
  const text = Object.entries(headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  );
  return {
    status: statusCode,
    headers: {
      "content-type": "application/json",
      ...Object.fromEntries(text),
      ...(cookies !== undefined && { "set-cookie": cookies }),
    },
    body: Buffer.from(body ?? "", isBase64Encoded === true ? "base64" : "utf8"),
  };
}

const plain = (status: number, Message: string, errorType?: string): LocalResponse => ({
  status,
  headers: {
    "content-type": "application/json",
    ...(errorType !== undefined && { "x-amzn-errortype": errorType }),
  },
  body: JSON.stringify({ Message }),
});

/** Who signs wrongly is told what is wrong; who does not sign, or may not, is not. */
function refusal({ code, message }: AwsError): LocalResponse {
  const isTold = code !== "AccessDeniedException" && code !== "MissingAuthenticationTokenException";
  return isTold ? plain(403, message, code) : plain(403, "Forbidden", "AccessDeniedException");
}
