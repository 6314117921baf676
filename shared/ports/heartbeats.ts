import type { AttemptRef } from "#core/ids.ts";

/**
 * When agents that work on something were last heard of. Outside the log: what of it matters is recorded in `seen`.
 *
 * Rules for an implementation:
 * - a read that begins after a beat was taken shows it, or a later one;
 * - beats of one attempt replace one another, and are gone some time after the last: nobody has to remove them.
 */
export interface Heartbeats {
  /** Notes that an attempt's agent was heard of at `at`, ms. Losing one is harmless: several in a row make a silence. */
  beat(attempt: AttemptRef, at: number): Promise<void>;
  /** When the agents of these attempts were last heard of, in their order. */
  last(attempts: readonly AttemptRef[]): Promise<readonly (number | undefined)[]>;
}
