import type { LocalRequest } from "../http/loopback-server.ts";
import { functionOfToken } from "../lambda/sandbox.ts";

/** A request to AWS that a function makes, however often the SDK tries it. */
export interface FunctionCall {
  readonly functionName: string;
  /** Of the process that asks. */
  readonly sessionToken: string;
  /** As the signature names it: `sqs`, `dynamodb`, `s3` … */
  readonly service: string;
  readonly operation: string;
  /** The queue, table, bucket, bus, function, secret or topic. */
  readonly resource: string;
  /** The same for all tries of one call: the SDK's id. */
  readonly invocation: string;
}

const SERVICE = /Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)\/aws4_request/;
const S3_OPERATIONS: Readonly<Record<string, string>> = {
  GET: "GetObject",
  HEAD: "HeadObject",
  PUT: "PutObject",
  DELETE: "DeleteObject",
};

/** What a request is; none where no function makes it. */
export function functionCallOf(request: LocalRequest): FunctionCall | undefined {
  const { headers } = request;
  const sessionToken = headers["x-amz-security-token"];
  const service = SERVICE.exec(headers["authorization"] ?? "")?.[1];
  if (sessionToken === undefined || service === undefined) return undefined;
  const functionName = functionOfToken(sessionToken);
  // A process that asks without the SDK does so when it starts, and for one thing.
  const invocation = headers["amz-sdk-invocation-id"] ?? `${sessionToken} ${service}`;
  return { functionName, sessionToken, service, invocation, ...askedOf(service, request) };
}

function askedOf(
  service: string,
  { method, target, headers, body }: LocalRequest,
): Pick<FunctionCall, "operation" | "resource"> {
  const path = (target.split("?")[0] ?? "").split("/").map(decodeURIComponent);
  if (service === "lambda") return { operation: "Invoke", resource: path[3] ?? "" };
  if (service === "s3") return { operation: S3_OPERATIONS[method] ?? method, resource: path[1] ?? "" };
  if (service === "sns") {
    const form = new URLSearchParams(body.toString("utf8"));
    return { operation: form.get("Action") ?? "", resource: lastPart(form.get("TopicArn")) };
  }
  const operation = headers["x-amz-target"]?.split(".").at(-1) ?? "";
  return { operation, resource: lastPart(resourceIn(body)) };
}

/** The one of these fields that the operation has. */
function resourceIn(body: Buffer): unknown {
  const input = JSON.parse(body.toString("utf8")) as Readonly<Record<string, unknown>>;
  const entry = (Array.isArray(input["Entries"]) ? input["Entries"][0] : undefined) as
    { readonly EventBusName?: unknown } | undefined;
  return (
    input["QueueUrl"] ??
    input["TableName"] ??
    input["SecretId"] ??
    entry?.EventBusName ??
    Object.keys(input["RequestItems"] ?? {})[0]
  );
}

const lastPart = (name: unknown): string => String(name).split(/[/:]/).at(-1) ?? "";
