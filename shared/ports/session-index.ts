import type { SessionKey, TenantId } from "#core/ids.ts";
import type { Outline, ProblemKind } from "#core/session/summary/outline.ts";
import type { SessionRow, ShownSessionState } from "#core/session/summary/summary.ts";

/** What is kept of a session in the index: its row, and what telling the next one takes. */
export interface IndexedSession {
  readonly row: SessionRow;
  readonly base: Outline;
}

/** Which rows are meant: those of one of these states, those that ran a flow, or those with one of these problems. */
export type RowsOf =
  | { readonly states: readonly ShownSessionState[] }
  | { readonly flow: string }
  | { readonly problems: readonly ProblemKind[] };

export interface RowQuery {
  readonly tenant: TenantId;
  readonly of: RowsOf;
  /** Only rows before this one, by `orderOf`. @default all */
  readonly before?: string;
  readonly limit: number;
}

/**
 * Sessions' rows, to be listed: what can be told from the log, and so rebuilt from it. Rules for an implementation:
 * - `put` never overwrites a row of the same or a later sequence, and says nothing of it; but one of the sequence `over` it does, which
 * rebuilding a row has found: it may be of a log that was restored to an earlier moment.
 * - `get` is consistent. `list` may miss what was put a moment ago, and gives the newest rows first, each session once.
 * - `list` reads about as many rows as it gives, however many there are.
 * - broken infrastructure is a SpineError `log.unavailable`, retryable. What only another version can read is not there.
 */
export interface SessionIndex {
  get(key: SessionKey): Promise<IndexedSession | undefined>;
  put(key: SessionKey, indexed: IndexedSession, over?: number): Promise<void>;
  list(query: RowQuery): Promise<readonly SessionRow[]>;
  /** Removes a session's row, and lets nobody put one again, until `remove`: its last commits may still be on their way to the list. */
  close(key: SessionKey): Promise<void>;
  /** Harmless if there is none. */
  remove(key: SessionKey): Promise<void>;
}
