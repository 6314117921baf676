import { isSpineError, messageOf, SpineError, type SpineErrorCode } from "#core/errors.ts";

/** Recognises an error of the SDK by name: two clients of one bundle may have two classes of it. */
export function isAwsError(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

export interface Reaching<T> {
  /** @default "log.unavailable" */
  readonly code?: SpineErrorCode;
  /** Errors of AWS that are an answer, by name. */
  readonly answers?: Readonly<Record<string, T>>;
}

/**
 * Does what calls AWS. What it throws is a spine error that may be tried again, which begins with `what` failed: throttled, timed out,
 * broken, or forbidden until somebody repairs the grant. In no case is it the input's fault, so no input may be quarantined for it. A
 * spine error is thrown as it is.
 */
export async function reaching<T>(
  what: string,
  call: () => Promise<T>,
  { code = "log.unavailable", answers = {} }: Reaching<T> = {},
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (isSpineError(error)) throw error;
    const name = error instanceof Error ? error.name : "Error";
    const answer = Object.entries(answers).find(([known]) => known === name);
    if (answer !== undefined) return answer[1];
    throw new SpineError(code, `${what}: ${name}: ${messageOf(error)}`, { retryable: true, cause: error });
  }
}
