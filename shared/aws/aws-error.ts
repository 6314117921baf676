import { messageOf, SpineError, type SpineErrorCode } from "#core/errors.ts";

/** Recognises an error of the SDK by name: two clients of one bundle may have two classes of it. */
export function isAwsError(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

/**
 * What a call of AWS threw, as a spine error that may be tried again: throttled, timed out, broken, or forbidden until
 * somebody repairs the grant. In no case is it the input's fault, so no input may be quarantined for it.
 */
export function unavailable(error: unknown, code: SpineErrorCode, what: string): SpineError {
  const name = error instanceof Error ? error.name : "Error";
  return new SpineError(code, `${what}: ${name}: ${messageOf(error)}`, { retryable: true, cause: error });
}
