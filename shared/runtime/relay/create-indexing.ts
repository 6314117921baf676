import type { SessionKey } from "#core/ids.ts";
import type { Commit } from "#core/session/commit.ts";
import { summarize, summaryOf, type Summary } from "#core/session/summary/summary.ts";
import { isTombstone } from "#core/session/tombstone.ts";
import type { SessionIndex } from "#ports/session-index.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { readCommit } from "../session/read-commit.ts";
import type { KnownSummary, SummaryCache } from "./summary-cache.ts";

export interface IndexingPorts {
  readonly index: Pick<SessionIndex, "get" | "put">;
  /** As it is stored: no value of a session is looked at. */
  readonly log: Pick<SessionLog, "readAfter" | "readings">;
  /** What this process keeps of sessions between batches. @default nothing */
  readonly cache?: SummaryCache;
}

/**
 * Brings a session's row up to some commits of it, the oldest first. `again`: from the beginning of the log to its end, whatever stands in
 * the index. Throws what log or index throw; all of it may happen twice.
 */
export type Indexing = (key: SessionKey, commits: readonly Commit[], again?: boolean) => Promise<void>;

/** Commits that are read together where some are missing. */
const PAGE = 100;

/**
 * Folds commits onto what is known of their session, and puts its row where it has changed. As a rule nothing is read: the first commit
 * begins a session, and the process that had the one before has its summary. Otherwise the row is read, and the commits after it.
 */
export function createIndexing({ index, log, cache }: IndexingPorts): Indexing {
  const put = async (key: SessionKey, known: KnownSummary): Promise<KnownSummary> => {
    const { row, base } = known.summary;
    if (row.sequence <= known.stored) return known;
    await index.put(key, { row, base });
    return { ...known, stored: row.sequence };
  };

  /** Folds what the log has before an event, page by page; a row that a page changed is put, so that a next try goes on from there. */
  const catchUp = async (
    key: SessionKey,
    from: KnownSummary | undefined,
    before: number,
    putAll: boolean,
  ): Promise<KnownSummary | undefined> => {
    let known = from;
    for (;;) {
      const after = known?.summary.newest.sequence ?? 0;
      if (after >= before - 1) return known;
      const page = await log.readAfter(key, after, Math.min(PAGE, before - 1 - after));
      const commits = page.filter(({ text }) => !isTombstone(text)).map((one) => readCommit(log, key, one));
      if (commits.length === 0) return known;
      known = folded(known, commits);
      if (putAll) known = await put(key, known);
    }
  };

  const lastKnown = async (key: SessionKey): Promise<KnownSummary | undefined> => {
    const cached = cache?.get(key);
    if (cached !== undefined) return cached;
    const stored = await index.get(key);
    return stored && { summary: summaryOf(stored.row, stored.base), stored: stored.row.sequence };
  };

  const rebuild = async (key: SessionKey): Promise<void> => {
    const found = await index.get(key);
    const known = await catchUp(key, undefined, Infinity, false);
    if (known === undefined) return;
    const { row, base } = known.summary;
    await index.put(key, { row, base }, found?.row.sequence);
    cache?.set(key, { ...known, stored: row.sequence });
  };

  return async (key, commits, again = false) => {
    if (again) return rebuild(key);
    let known = commits[0]?.first === 1 ? cache?.get(key) : await lastKnown(key);
    for (const commit of commits) {
      known = await catchUp(key, known, commit.first, true);
      // Retention has removed what is missing.
      if ((known?.summary.newest.sequence ?? 0) < commit.first - 1) return;
      known = folded(known, [commit]);
    }
    if (known === undefined) return;
    // Also when the put fails: the next batch puts it.
    cache?.set(key, known);
    const listed = await put(key, known);
    cache?.set(key, listed);
  };
}

function folded(known: KnownSummary | undefined, commits: readonly Commit[]): KnownSummary {
  const summary = commits.reduce<Summary | undefined>(summarize, known?.summary);
  if (summary === undefined) throw new Error("There is no commit to fold.");
  return { summary, stored: known?.stored ?? 0 };
}
