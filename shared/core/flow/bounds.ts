import type { RetrySpec } from "../contract.ts";

/** An answer may arrive this long after its task's own deadline before it is late. */
export const DEADLINE_GRACE_MS = 2_000;
/** A claim's holder counts as dead this long after its function's timeout. */
export const CLAIM_GRACE_MS = 30_000;
/** An attempt that misses this many heartbeats in a row is silent. */
export const MISSED_HEARTBEATS = 3;
/** A pause before a retry that is no longer is left to the agent's host: a timer would round it up to whole seconds. */
export const HOST_PAUSE_MS = 1_000;
/** A task that was handed over and has not begun after this long is sent to its agent's queue. */
export const START_BOUND_MS = 2_000;
/** How often a task is rerun because its view became stale. */
export const MAX_RERUNS = 3;
/** The longest pause before a retry; also the longest delay of an SQS message. */
export const MAX_BACKOFF_MS = 900_000;

/** No wait and no run is longer: a Step Functions execution lasts a year at most. */
export const MAX_LIFE_MS = 365 * 86_400_000;

/**
 * The pause before the next attempt, after `attempt` (1 is the first) failed. It doubles with each attempt; `chance` in [0, 1)
 * varies it from 0.5 to 1.5 times.
 */
export function backoffMs(retries: RetrySpec, attempt: number, chance: number): number {
  return Math.min(MAX_BACKOFF_MS, Math.round(retries.backoffMs * 2 ** (attempt - 1) * (0.5 + chance)));
}
