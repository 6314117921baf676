import type { ReplyScore } from "./score-replies.ts";

/** What a scorer says of many replies. */
export interface ScoreSummary {
  readonly scorer: string;
  readonly replies: number;
  /** Rounded to three decimals. */
  readonly mean: number;
  readonly lowest: number;
  /** How often it gave which label, most often first. */
  readonly labels: Readonly<Record<string, number>>;
}

/**
 * One summary a scorer, in the order of their first scores.
 *
 * @example
 * const scored = { scorer: "answered", session: "one", sequence: 9, score: 1 };
 * for (const { scorer, mean } of summarizeScores([scored])) console.log(scorer, mean);
 */
export function summarizeScores(scores: readonly ReplyScore[]): readonly ScoreSummary[] {
  const names = [...new Set(scores.map(({ scorer }) => scorer))];
  return names.map((scorer) => {
    const mine = scores.filter((each) => each.scorer === scorer);
    const sum = mine.reduce((total, { score }) => total + score, 0);
    return {
      scorer,
      replies: mine.length,
      mean: Math.round((sum / mine.length) * 1_000) / 1_000,
      lowest: mine.reduce((least, { score }) => Math.min(least, score), 1),
      labels: labelsOf(mine),
    };
  });
}

function labelsOf(scores: readonly ReplyScore[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { label } of scores) if (label !== undefined) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a));
}
