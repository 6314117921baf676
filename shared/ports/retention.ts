import type { SessionKey } from "#core/ids.ts";
import type { Blobs } from "./blobs.ts";
import type { Marker, SessionLog } from "./session-log.ts";

/**
 * A log from which retention removes commits before a tombstone. Only retention has these rights. Rules for an implementation:
 * - `removeCommits` removes nothing unless there is a tombstone at `tombstone`, and nothing that starts there or later; else it
 * throws `internal`. Nothing of a live session is ever removed.
 * - removing a missing commit is harmless, so that an interrupted removal can be repeated.
 */
export interface ExpiringLog extends SessionLog {
  /** Removes the commits that start at these sequences. */
  removeCommits(key: SessionKey, tombstone: number, firsts: readonly number[]): Promise<void>;
  removeMarkers(key: SessionKey, ids: readonly Pick<Marker, "source" | "id">[]): Promise<void>;
}

/** Texts that are deleted with their session. */
export interface ExpiringBlobs extends Blobs {
  /** Removes every text whose key starts with `prefix`. Harmless if there is none. */
  removeAll(prefix: string): Promise<void>;
}

/** A session that is due for a check, and since when. */
export interface DueSession extends SessionKey {
  readonly at: number;
}

/**
 * When sessions are due for a check, in order of time. An entry is only a hint: checking a session too early, twice or after
 * its end is harmless. Broken infrastructure is a SpineError `log.unavailable`, retryable.
 */
export interface RetentionIndex {
  /** Schedules a check of a session from `at` (ms) on. Repeating an entry changes nothing. */
  note(key: SessionKey, at: number): Promise<void>;
  /** The entries due by `now`, oldest first within a part of the index; entries that were read may be deleted meanwhile. */
  due(now: number): AsyncIterable<DueSession>;
  forget(due: DueSession): Promise<void>;
}
