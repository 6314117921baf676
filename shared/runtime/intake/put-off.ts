import { chanceOf } from "#core/session/decide/chance.ts";

/** SQS holds a message of a standard queue back no longer. */
const LONGEST_SECONDS = 900;

/**
 * For how long an event over its tenant's quota is put off: for about as long as it has waited already, so that a backlog of
 * hours is looked at a few times an event and not all the time; never before the quota has room. `seed` says how far the
 * delays of a backlog lie apart.
 */
export function secondsToPutOff(waitedMs: number, retryAfterMs: number, seed: string): number {
  const about = Math.max(0, waitedMs) * (0.5 + chanceOf(seed));
  const seconds = Math.ceil(Math.max(retryAfterMs, about) / 1_000);
  return Math.min(LONGEST_SECONDS, Math.max(1, seconds));
}
