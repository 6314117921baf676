import type { SessionKey } from "#core/ids.ts";

/**
 * A part of what the relay does with a commit: its directives are performed once more, ordered subscriptions get it, the bus
 * spine-out gets it.
 */
export type RelayPart = "directives" | "subscriptions" | "bus";

/** Where a commit stands, and what is left to relay of it. */
export interface CommitPlace extends SessionKey {
  readonly first: number;
  /** @default all of it */
  readonly left?: readonly RelayPart[];
  /** Subscribers get it also where they have had it. @default they do not */
  readonly again?: true;
}

/** The queues, beside inbox and answers, into which an operator sends again what was given up on. */
export interface WaysBack {
  /** An event of spine-in, as the bus delivered it. */
  toIntake(body: string): Promise<void>;
  /** Commits to be relayed once more. */
  toRelay(places: readonly CommitPlace[]): Promise<void>;
}

/** Finds commits without knowing their sessions, by reading the whole log: for rare repairs only. */
export interface CommitScan {
  /** The places of one page's commits that were made at `since` or later; `after` is where the next page starts. */
  since(
    since: number,
    after?: string,
  ): Promise<{ readonly places: readonly CommitPlace[]; readonly after?: string }>;
}
