import type { SessionKey } from "#core/ids.ts";
import type { Commit } from "#core/session/commit.ts";
import type { SessionState } from "#core/session/state.ts";

/** A commit as it is stored: where it stands in the session, and its one serialized attribute. */
export interface StoredCommit {
  /** Sequence of its first event: with the session key, the key of the item. */
  readonly first: number;
  readonly last: number;
  /** The serialized commit; hashed as these bytes. */
  readonly text: string;
  /** Hash of the stored bytes, if the text differs from them because sealed values were opened. */
  readonly hash?: string;
  /** Whether the text contains a snapshot, so that a reader knows where to stop. */
  readonly snapshot: boolean;
}

/** The lasting record of a producer's input that left the id window. */
export interface Marker {
  readonly source: string;
  readonly id: string;
  readonly hash: string;
  readonly sequence: number;
}

/** What readers made of the commits that a log handed out, by the object that each is. */
export interface Readings {
  readonly commits: WeakMap<StoredCommit, Commit>;
  /** The session's state right after a commit. @default nobody keeps it */
  readonly states?: WeakMap<StoredCommit, SessionState>;
}

/**
 * Compiled flows as texts under their hashes, once for all sessions: logs only name them. They hold nothing of a session or a tenant,
 * and nothing removes them. Rules for an implementation:
 * - `put` resolves once the text stands under the hash; a text that stands there already stays.
 * - `get` is consistent: it finds everything that was put before it began. Whoever reads compares the text with the hash.
 * - broken infrastructure is a SpineError `log.unavailable`, retryable; unreadable stored bytes are `log.corrupt`.
 */
export interface FlowLibrary {
  put(hash: string, text: string): Promise<void>;
  get(hash: string): Promise<string | undefined>;
}

/**
 * The log of every session: append-only, one item per commit. Rules for an implementation:
 * - `append` writes at (session, first) only if that position is free, atomically, and returns the commit as a reader of the log
 * gets it; otherwise it returns `conflict` and never overwrites. A lost acknowledgement may have written: the caller reads again.
 * - every read is consistent: it returns everything that was appended before it began.
 * - markers have keys apart from the commits; writing the same marker again is harmless.
 * - broken infrastructure is a SpineError `log.unavailable`, retryable; unreadable stored bytes are `log.corrupt`, those of a
 * form that only a newer version has `log.other-version`.
 */
export interface SessionLog {
  /** The newest commits, oldest first, reaching back to the newest snapshot (or the first commit). Empty for a new session. */
  readTail(key: SessionKey): Promise<readonly StoredCommit[]>;
  /** Commits that start after `sequence`, oldest first, at most `limit`. */
  readAfter(key: SessionKey, sequence: number, limit: number): Promise<readonly StoredCommit[]>;
  /** The newest commits that start at or before `sequence`, oldest first, reaching back to a snapshot. */
  readUpTo(key: SessionKey, sequence: number): Promise<readonly StoredCommit[]>;
  append(key: SessionKey, commit: StoredCommit): Promise<StoredCommit | "conflict">;
  readMarker(key: SessionKey, source: string, id: string): Promise<Marker | undefined>;
  writeMarkers(key: SessionKey, markers: readonly Marker[]): Promise<void>;
  /** Where the flows stand that commits name. */
  readonly flows: FlowLibrary;
  /**
   * Of a log that hands out the same immutable objects again and again, so that its readers make everything of them once.
   * @default none: an object that is handed out once is read once
   */
  readonly readings?: Readings | undefined;
}

/** One committed item as delivered by the log's stream: each at least once, in order per session. */
export interface StreamRecord extends SessionKey {
  readonly commit: StoredCommit;
}

/** A log that can be listed completely: local stores only. */
export interface EnumerableSessionLog extends SessionLog {
  sessions(): Promise<readonly SessionKey[]>;
}

/** Who waits for a session's next commit, from when it was asked for. */
export interface CommitWait {
  /** Resolves at the next commit, at once if there was one since; after `ms` at the latest. */
  within(ms: number): Promise<void>;
  /** Listens no longer. */
  stop(): void;
}

/** Tells of a session's commits where their writers are in the same process: elsewhere whoever waits looks again. */
export interface CommitNotices {
  /** Listens from now on: asked for before a read, it misses nothing that the read did not find. */
  listen(key: SessionKey): CommitWait;
}
