import type { Score } from "./scorer.ts";

/** A score as it is kept: nothing of the reply, and nothing that anybody said. */
export interface KeptScore extends Score {
  /** Of the reply. */
  readonly sequence: number;
  readonly scorer: string;
  /** Of the scorer, where it has one. */
  readonly version?: string;
  /** The session's, when the reply was committed; ms since the epoch. */
  readonly time: number;
}

const DIGITS = 16;

/** Sorts the scores of a session: by reply, of one reply by scorer. */
export const scoreOrder = ({ sequence, scorer }: Pick<KeptScore, "sequence" | "scorer">): string =>
  `${String(sequence).padStart(DIGITS, "0")}/${scorer}`;
