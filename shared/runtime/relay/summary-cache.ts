import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Summary } from "#core/session/summary/summary.ts";

/** A session's summary as a process has folded it, and how far the index has its row. */
export interface KnownSummary {
  readonly summary: Summary;
  /** Sequence of the newest row that is known to stand in the index; 0 for none. */
  readonly stored: number;
}

/** Summaries that a process keeps between batches: whoever has one folds the next commit onto it and reads nothing. */
export interface SummaryCache {
  get(key: SessionKey): KnownSummary | undefined;
  set(key: SessionKey, known: KnownSummary): void;
}

/** They have a few hundred bytes each, so as a rule this is a megabyte. */
const MAX_KEPT = 2_000;

/** Keeps those that were used last. */
export function createSummaryCache(mostKept = MAX_KEPT): SummaryCache {
  const kept = new Map<string, KnownSummary>();
  return {
    get: (key) => kept.get(sessionKeyText(key)),
    set(key, known) {
      const name = sessionKeyText(key);
      kept.delete(name);
      kept.set(name, known);
      const [oldest] = kept.keys();
      if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    },
  };
}
