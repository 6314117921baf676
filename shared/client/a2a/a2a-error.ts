import type { JsonObject } from "#core/json.ts";
import { boundedText } from "#core/problems.ts";

/** Codes of JSON-RPC and of A2A 1.0, by the reason that `google.rpc.ErrorInfo` names. */
const CODES = {
  PARSE_ERROR: -32700,
  INVALID_REQUEST: -32600,
  METHOD_NOT_FOUND: -32601,
  INVALID_PARAMS: -32602,
  INTERNAL_ERROR: -32603,
  TASK_NOT_FOUND: -32001,
  TASK_NOT_CANCELABLE: -32002,
  PUSH_NOTIFICATION_NOT_SUPPORTED: -32003,
  UNSUPPORTED_OPERATION: -32004,
  CONTENT_TYPE_NOT_SUPPORTED: -32005,
  VERSION_NOT_SUPPORTED: -32009,
} as const;

export type A2aReason = keyof typeof CODES;

/** What an agent of A2A refuses, in the protocol's words. */
export class A2aError extends Error {
  override readonly name = "A2aError";
  readonly reason: A2aReason;
  /** The parameter that is wrong, where one is. */
  readonly field: string | undefined;

  constructor(reason: A2aReason, message: string, field?: string) {
    super(boundedText(message));
    this.reason = reason;
    this.field = field;
  }
}

/** An error as JSON-RPC carries it. */
export function rpcError({ reason, message, field }: A2aError): JsonObject {
  const info = { "@type": INFO, reason, domain: "a2a-protocol.org" };
  const violations = { "@type": BAD_REQUEST, fieldViolations: [{ field, description: message }] };
  return {
    code: CODES[reason],
    message,
    data: field === undefined ? [info] : [info, violations],
  } as JsonObject;
}

const INFO = "type.googleapis.com/google.rpc.ErrorInfo";
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";
