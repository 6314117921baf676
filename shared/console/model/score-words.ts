import type { KeptScore } from "#core/scoring/kept-score.ts";

/** From here on a score is good, and below the other one poor. */
const GOOD = 0.8;
const POOR = 0.5;

/** A score's level by shape and word. */
export const levelOf = (
  score: number,
): { readonly shape: "yes" | "unasked" | "no"; readonly word: string } =>
  score >= GOOD
    ? { shape: "yes", word: "good" }
    : score < POOR
      ? { shape: "no", word: "poor" }
      : { shape: "unasked", word: "fair" };

/** At most two digits. */
export const scoreText = ({ score }: Pick<KeptScore, "score">): string => String(Number(score.toFixed(2)));

/** Scores by the event that they are of. */
export function byReply(scores: readonly KeptScore[]): ReadonlyMap<number, readonly KeptScore[]> {
  const found = new Map<number, KeptScore[]>();
  for (const score of scores) {
    const own = found.get(score.sequence) ?? [];
    own.push(score);
    found.set(score.sequence, own);
  }
  return found;
}
