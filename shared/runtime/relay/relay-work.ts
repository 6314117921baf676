import type { StoredCommit, StreamRecord } from "#ports/session-log.ts";
import type { RelayPart } from "#ports/queues.ts";

/** What the relay does with a commit, part by part. */
export const RELAY_PARTS = [
  "directives",
  "hand-over",
  "subscriptions",
  "bus",
  "index",
] as const satisfies readonly RelayPart[];

/** A commit to relay. */
export interface RelayWork extends StreamRecord {
  /** What is still to be done. @default all of it */
  readonly left?: readonly RelayPart[];
  /** Commits after those of its batch, as far as they were read with it. */
  readonly later?: readonly StoredCommit[];
  /** Subscribers get it also where they have had it. @default they do not */
  readonly again?: true;
}

export interface RelayTimes {
  /** When all of it ends, ms since the epoch. @default when it is done */
  readonly endsAt?: number;
  /** The longest that subscribers and the bus may take once all directives are performed, ms. @default until `endsAt` */
  readonly outsideMs?: number;
}

/** Relays commits in the time that there is; gives back those that are not done, each with what is left of it. */
export type Relay = (works: readonly RelayWork[], times?: RelayTimes) => Promise<readonly RelayWork[]>;
