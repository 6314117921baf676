import type { SessionKey } from "#core/ids.ts";

/** A commit as it is stored: its place in the session, and its one serialized attribute. */
export interface StoredCommit {
  /** Sequence of its first event: with the session key, the key of the item. */
  readonly first: number;
  readonly last: number;
  /** The serialized commit; hashed as these bytes. */
  readonly text: string;
  /** Hash of the stored bytes, where the text is not what is stored because sealed values of it were opened. */
  readonly hash?: string;
  /** Whether the text carries a snapshot, so that a reader knows where to stop. */
  readonly snapshot: boolean;
}

/** The lasting record of a producer's input that left the id window. */
export interface Marker {
  readonly source: string;
  readonly id: string;
  readonly hash: string;
  readonly sequence: number;
}

/**
 * The log of every session: append-only, one item a commit.
 *
 * Rules for an implementation:
 * - `append` writes at (session, first) only if nothing stands there, atomically; it answers `conflict` otherwise and
 *   never overwrites. A lost acknowledgement may have written: the caller reads again.
 * - every read is consistent: it sees all that was appended before it began.
 * - markers have keys apart from the commits; writing the same marker again is harmless.
 * - broken infrastructure is a SpineError `log.unavailable`, retryable; stored bytes of which no text can be made are
 *   `log.corrupt`, those of a form that only a newer version has `log.other-version`.
 */
export interface SessionLog {
  /** The newest commits, oldest first, reaching back to the newest snapshot (or the first commit). Empty for a new session. */
  readTail(key: SessionKey): Promise<readonly StoredCommit[]>;
  /** Commits that start after `sequence`, oldest first, at most `limit`. */
  readAfter(key: SessionKey, sequence: number, limit: number): Promise<readonly StoredCommit[]>;
  /** The newest commits that start at or before `sequence`, oldest first, reaching back to a snapshot. */
  readUpTo(key: SessionKey, sequence: number): Promise<readonly StoredCommit[]>;
  append(key: SessionKey, commit: StoredCommit): Promise<"committed" | "conflict">;
  readMarker(key: SessionKey, source: string, id: string): Promise<Marker | undefined>;
  writeMarkers(key: SessionKey, markers: readonly Marker[]): Promise<void>;
}

/** One committed item as the log's stream hands it on: each once or more, in order per session. */
export interface StreamRecord extends SessionKey {
  readonly commit: StoredCommit;
}

/** A log that can be walked whole: local stores only. */
export interface EnumerableSessionLog extends SessionLog {
  sessions(): Promise<readonly SessionKey[]>;
}
