import type { Limits } from "./limits.ts";

/** `open`: do not call the agent. `probe`: this one call finds out whether it is back. */
export type BreakerState = "open" | "probe";

/** All that deciding sees besides state and input. It is stored in the commit, so that the same log decides the same. */
export interface Seen {
  /** The newest form that the writer may write. @default 1 */
  readonly form?: number;
  /** The writer's clock, ms since the epoch. */
  readonly now: number;
  /** Seed of every id that this commit makes. */
  readonly id: string;
  /** Agents whose circuit breaker is not closed. */
  readonly breakers?: Readonly<Record<string, BreakerState>>;
  /** When agents were last heard of that are to be heard of by now: attempt (`task/attempt`) to ms. Absent: nobody looked. */
  readonly heartbeats?: Readonly<Record<string, number>>;
  /** A pause before a retry that is no longer is left to the agent's host, ms. @default 0: a timer ends each */
  readonly pauseMs?: number;
  /** How long after its agent's timeout a claim is in doubt whose effect may be repeated, ms. @default as any other: 30,000 */
  readonly repeatGraceMs?: number;
  /** The host of the agent that answers can take another task of its group that ends within so many ms. Absent: none. */
  readonly nextWithinMs?: number;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  /** Event type to the hashes of the flows that it might start: what the deployed application said. */
  readonly triggers?: Readonly<Record<string, readonly string[]>>;
  /** Paths of the context whose values are personal: what the tenant declared, and wherever flows take it. @default none is */
  readonly personal?: readonly string[];
}
