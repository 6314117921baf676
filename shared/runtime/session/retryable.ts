import { isSpineError } from "#core/errors.ts";

/** Whether the same call may succeed later: the infrastructure failed, not the input. */
export function isRetryable(error: unknown): boolean {
  return isSpineError(error) && error.retryable;
}
