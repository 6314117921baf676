import type { SpineErrorCode } from "../../errors.ts";
import type { NoGo } from "../messages.ts";

/** What became of one input. Only `committed` ones have events. */
export type Verdict =
  | { readonly type: "committed"; readonly sequence: number; readonly because?: NoGo | "rejected" }
  /** It is in the log already, at this sequence. */
  | { readonly type: "duplicate"; readonly sequence: number }
  /** Nothing to decide, nothing recorded: asked again, or too late to matter. */
  | { readonly type: "nothing"; readonly because: NoGo | "granted" | "not-due" }
  | {
      readonly type: "refused";
      readonly code: SpineErrorCode;
      readonly message: string;
      readonly retryable: boolean;
    };

export function committed(sequence: number, because?: NoGo | "rejected"): Verdict {
  return { type: "committed", sequence, ...(because !== undefined && { because }) };
}

export function refused(code: SpineErrorCode, message: string, retryable = false): Verdict {
  return { type: "refused", code, message, retryable };
}
