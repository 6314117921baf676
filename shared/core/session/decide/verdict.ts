import type { SpineErrorCode } from "../../errors.ts";
import type { Disposition } from "../events.ts";
import type { StopReason } from "../task-messages.ts";

/** What the sender of an event or of a signal is told of it. */
export type Told = Disposition | "held" | "signalled";

/** What became of one input. Only `committed` ones have events. */
export type Verdict =
  | {
      readonly type: "committed";
      readonly sequence: number;
      readonly because?: StopReason;
      /** What became of an event at first sight. */
      readonly disposition?: Told;
      /** Why it was rejected or ignored. */
      readonly reason?: string;
    }
  /** It is in the log already, at this sequence. */
  | { readonly type: "duplicate"; readonly sequence: number }
  /** Nothing to decide, nothing recorded: asked again, or too late to matter. */
  | { readonly type: "nothing"; readonly because: StopReason | "granted" | "not-due" }
  | {
      readonly type: "refused";
      readonly code: SpineErrorCode;
      readonly message: string;
      readonly retryable: boolean;
    };

export function committed(sequence: number, because?: StopReason): Verdict {
  return { type: "committed", sequence, ...(because !== undefined && { because }) };
}

/** An event is in the log, and this is what became of it. */
export function taken(sequence: number, disposition: Told, reason?: string): Verdict {
  return { type: "committed", sequence, disposition, ...(reason !== undefined && { reason }) };
}

export function refused(code: SpineErrorCode, message: string, retryable = false): Verdict {
  return { type: "refused", code, message, retryable };
}
