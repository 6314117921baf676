/** The promises of the design, by their names. */
export type PromiseName =
  | "Ordered"
  | "Once"
  | "Fresh"
  | "Complete"
  | "Cannot wedge"
  | "Nothing lost"
  | "Contained"
  | "Rebuildable"
  | "Flat"
  | "Replayable"
  | "Sealed"
  | "Same as without faults";

/** A promise that a run broke. */
export interface Violation {
  readonly promise: PromiseName;
  /** Which of its checks noticed. */
  readonly check: string;
  readonly session: string;
  readonly problem: string;
}

export type Report = (promise: PromiseName, check: string, problem: string) => void;
