import type { Clock } from "#ports/clock.ts";

/** How often one attempt may be answered: so many times at once, and then once a second. */
const BURST = 10;
const PER_MS = 1 / 1_000;
/** Attempts that are remembered; more than a process is asked about within a burst's time. */
const MOST_KEPT = 1_000;

/** Whether an attempt may be answered now. */
export type AnswerPace = (attempt: string) => boolean;

/**
 * Bounds how often each attempt is answered by one process: a program that repeats itself, or a token in wrong hands, costs the session no
 * more than that.
 */
export function createAnswerPace(clock: Pick<Clock, "now">): AnswerPace {
  const kept = new Map<string, { readonly left: number; readonly at: number }>();
  return (attempt) => {
    const now = clock.now();
    const { left, at } = kept.get(attempt) ?? { left: BURST, at: now };
    const available = Math.min(BURST, left + (now - at) * PER_MS);
    const isAllowed = available >= 1;
    // Anew at the end: the first is the one that was asked about the longest ago.
    kept.delete(attempt);
    kept.set(attempt, { left: isAllowed ? available - 1 : available, at: now });
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return isAllowed;
  };
}
