import type { StreamRecord } from "#ports/session-log.ts";
import type { RelayPart } from "#ports/ways-back.ts";

/** What the relay does with a commit, part by part. */
export const RELAY_PARTS = ["directives", "subscriptions", "bus"] as const satisfies readonly RelayPart[];

/** A commit to relay. */
export interface RelayWork extends StreamRecord {
  /** What is still to be done. @default all of it */
  readonly left?: readonly RelayPart[];
  /** Subscribers get it also where they have had it. @default they do not */
  readonly again?: true;
}

/** Relays commits until `endsAt` (ms) at the latest; gives back those that are not done, each with what is left of it. */
export type Relay = (works: readonly RelayWork[], endsAt?: number) => Promise<readonly RelayWork[]>;
