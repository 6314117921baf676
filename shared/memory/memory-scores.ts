import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { scoreOrder, type KeptScore } from "#core/scoring/kept-score.ts";
import type { Scores } from "#ports/scores.ts";

/** Scores in memory. Nothing expires: for tests and for spines in one process. */
export function createMemoryScores(): Scores {
  const sessions = new Map<string, Map<string, KeptScore>>();
  const scoresOf = (key: SessionKey): Map<string, KeptScore> => {
    const kept = sessions.get(sessionKeyText(key)) ?? new Map<string, KeptScore>();
    sessions.set(sessionKeyText(key), kept);
    return kept;
  };
  return {
    put(key, score) {
      const order = scoreOrder(score);
      const kept = scoresOf(key);
      if (!kept.has(order)) kept.set(order, score);
      return Promise.resolve();
    },
    read(key, { after = "", limit }) {
      const later = [...scoresOf(key)].filter(([order]) => order > after);
      const sorted = later.toSorted(([one], [other]) => (one < other ? -1 : 1));
      return Promise.resolve(sorted.slice(0, limit).map(([, score]) => score));
    },
    erase(key) {
      sessions.delete(sessionKeyText(key));
      return Promise.resolve();
    },
  };
}
