import { isSpineError, messageOf, type Problem, type SpineErrorCode } from "#core/errors.ts";
import type { AnswerResult, LookResult, SignalsResult } from "#core/session/task-messages.ts";

export interface DoorRefusal {
  readonly code: SpineErrorCode;
  readonly message: string;
  readonly problems: readonly Problem[];
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
}

/** What the door's function answers. A refusal is an answer: the function throws for nothing that a caller did. */
export type DoorResponse =
  | { readonly ok: true; readonly verdict: LookResult | AnswerResult | SignalsResult }
  | { readonly ok: false; readonly error: DoorRefusal };

/** What the function for progress answers. */
export type ProgressResponse = { readonly ok: true } | { readonly ok: false; readonly error: DoorRefusal };

/** Errors that are ours and passing say so; any other fault of ours may be passing as well. */
export function refusalOf(error: unknown): DoorRefusal {
  if (!isSpineError(error))
    return { code: "internal", message: messageOf(error), problems: [], retryable: true };
  const { code, message, problems, retryable } = error;
  return { code, message, problems, retryable };
}
