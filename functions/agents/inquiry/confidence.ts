import type { Intent } from "#contracts/vocabulary.ts";
import type { Scores } from "./intents.ts";

export interface Reading {
  readonly intent: Intent;
  readonly confidence: number;
  readonly ambiguous: boolean;
}

/** Below this score nothing was understood. */
const LEAST_SCORE = 1.2;
/** What an unseen reading of the message is given: a lone weak cue stays doubtful. */
const UNSEEN = 1;
/** A second reading this close to the first makes the message ambiguous. */
const CLOSE = 0.7;
const MOST_WHEN_AMBIGUOUS = 0.55;
const MOST_WHEN_OTHER = 0.3;

const rounded = (value: number): number => Math.round(value * 100) / 100;

/**
 * The first reading's share of all readings, squared so that a clear lead counts. Between 0 and 1; at 0.6 the first
 * reading has about one and a half times the squared weight of everything against it.
 */
export const readingOf = (scores: Scores, hedged: boolean): Reading => {
  // Object.entries forgets the keys of a closed record.
  const ranked = (Object.entries(scores) as [Intent, number][]).sort((a, b) => b[1] - a[1]);
  const [intent, best] = ranked[0] ?? ["other", 0];
  const second = ranked[1]?.[1] ?? 0;
  const share = best ** 2 / (ranked.reduce((sum, [, score]) => sum + score ** 2, 0) + UNSEEN);
  if (best < LEAST_SCORE)
    return { intent: "other", confidence: rounded(Math.min(share, MOST_WHEN_OTHER)), ambiguous: false };
  const ambiguous = hedged || second >= CLOSE * best;
  return { intent, confidence: rounded(ambiguous ? Math.min(share, MOST_WHEN_AMBIGUOUS) : share), ambiguous };
};
