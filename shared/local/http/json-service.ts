import type { Access, Caller } from "../iam/access.ts";
import { AwsError } from "./service-error.ts";
import type { SigningService } from "../signing/services.ts";
import type { LocalRequest, LocalResponse } from "./loopback-server.ts";

export interface JsonCall {
  readonly caller: Caller;
  readonly input: Readonly<Record<string, unknown>>;
  readonly gone: AbortSignal;
}

export type JsonOperation = (call: JsonCall) => Promise<unknown> | unknown;

export interface JsonServiceOptions {
  readonly access: Access;
  readonly service: SigningService;
  readonly operations: Readonly<Record<string, JsonOperation>>;
  /** How a refusal is written. */
  readonly refusal: (error: AwsError) => LocalResponse;
  readonly contentType: string;
}

/** A service of the AWS JSON protocols: `X-Amz-Target` names the operation, body and answer are JSON. */
export function jsonService(options: JsonServiceOptions): (request: LocalRequest) => Promise<LocalResponse> {
  return async (request) => {
    try {
      const caller = await options.access.authenticate(request, options.service);
      const operation = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
      const run = Object.hasOwn(options.operations, operation) ? options.operations[operation] : undefined;
      if (run === undefined) {
        throw new AwsError(
          "UnknownOperationException",
          `The local endpoint does not support ${operation || "this call"}.`,
        );
      }
      const output = await run({ caller, input: parseBody(request.body), gone: request.gone });
      return {
        status: 200,
        headers: { "content-type": options.contentType },
        body: JSON.stringify(output ?? {}),
      };
    } catch (error) {
      if (error instanceof AwsError) return options.refusal(error);
      throw error;
    }
  };
}

/** The common way to write a refusal. */
export const jsonRefusal =
  (contentType: string) =>
  ({ code, message, status, fields }: AwsError): LocalResponse => ({
    status,
    headers: { "content-type": contentType },
    body: JSON.stringify({ __type: code, message, ...fields }),
  });

function parseBody(body: Buffer): Readonly<Record<string, unknown>> {
  const parsed: unknown = body.length === 0 ? {} : JSON.parse(body.toString("utf8"));
  if (typeof parsed === "object" && parsed !== null) return { ...parsed };
  throw new AwsError("SerializationException", "The request's body is not a JSON object.");
}
