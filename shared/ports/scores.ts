import type { SessionKey } from "#core/ids.ts";
import type { KeptScore } from "#core/scoring/kept-score.ts";

export interface ScorePage {
  /** Only scores after this one, by `scoreOrder`. @default from the first */
  readonly after?: string;
  readonly limit: number;
}

/**
 * Scores of replies: in no log, and losing them is harmless. Rules for an implementation:
 * - `put` keeps the first score of a reply by a scorer, and passes over what comes for it later: scoring may happen twice;
 * - `read` gives them by `scoreOrder`, and may miss what was put a moment ago;
 * - `erase` removes all of a session, and is harmless if there are none; who puts one later has begun before the session ended, so that it
 * is erased once more when such writers have ended;
 * - broken infrastructure is a SpineError `log.unavailable`, retryable.
 */
export interface Scores {
  put(key: SessionKey, score: KeptScore): Promise<void>;
  read(key: SessionKey, page: ScorePage): Promise<readonly KeptScore[]>;
  erase(key: SessionKey): Promise<void>;
}
