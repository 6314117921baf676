import type { SessionKey } from "#core/ids.ts";
import type { Blobs } from "./blobs.ts";
import type { Marker, SessionLog } from "./session-log.ts";

/**
 * A log from which retention removes what it has put a tombstone on. Nobody else has these rights.
 *
 * Rules for an implementation:
 * - `removeCommits` removes nothing unless a tombstone stands at `tombstone`, and nothing that starts there or later; else it
 *   throws `internal`. Of a session that lives nothing is ever removed.
 * - removing what is not there is harmless, so that a removal that was cut short is done again.
 */
export interface ExpiringLog extends SessionLog {
  /** Removes the commits that start at these sequences. */
  removeCommits(key: SessionKey, tombstone: number, firsts: readonly number[]): Promise<void>;
  removeMarkers(key: SessionKey, ids: readonly Pick<Marker, "source" | "id">[]): Promise<void>;
}

/** Texts that go with the session that they belong to. */
export interface ExpiringBlobs extends Blobs {
  /** Removes every text whose key starts with `prefix`. Harmless where there is none. */
  removeAll(prefix: string): Promise<void>;
}

/** A session that is to be looked at, and since when. */
export interface DueSession extends SessionKey {
  readonly at: number;
}

/**
 * When sessions are to be looked at, in order of time. An entry is a note and no promise: looking at a session too early,
 * twice or after its end is harmless. Broken infrastructure is a SpineError `log.unavailable`, retryable.
 */
export interface RetentionIndex {
  /** Has a session looked at from `at` (ms) on. The same entry again is the same entry. */
  note(key: SessionKey, at: number): Promise<void>;
  /** What was to be looked at by `now`, oldest first within a part of the index; forgetting what was read is allowed meanwhile. */
  due(now: number): AsyncIterable<DueSession>;
  forget(due: DueSession): Promise<void>;
}
