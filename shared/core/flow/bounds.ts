import type { RetrySpec } from "../contract.ts";

/** An answer may come this long after its task's own deadline before the spine decides that it is late. */
export const DEADLINE_GRACE_MS = 2_000;
/** A claim's holder counts as dead this long after its function's timeout. */
export const CLAIM_GRACE_MS = 30_000;
/** An attempt that missed so many heartbeats in a row is silent. */
export const MISSED_HEARTBEATS = 3;
/** How often a task runs again because its view went stale. */
export const MAX_RERUNS = 3;
/** The longest pause before a retry; also the longest delay of an SQS message. */
export const MAX_BACKOFF_MS = 900_000;

/** No wait and no run is longer: an execution of Step Functions lives for a year at most. */
export const MAX_LIFE_MS = 365 * 86_400_000;

/**
 * The pause before the next attempt, after `attempt` (1 is the first) failed.
 * It doubles with each attempt; `chance` in [0, 1) spreads it from half of that to one and a half.
 */
export function backoffMs(retries: RetrySpec, attempt: number, chance: number): number {
  return Math.min(MAX_BACKOFF_MS, Math.round(retries.backoffMs * 2 ** (attempt - 1) * (0.5 + chance)));
}
