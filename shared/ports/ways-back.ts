import type { SessionKey } from "#core/ids.ts";

/** Where a commit stands: all that is needed to relay it again. */
export interface CommitPlace extends SessionKey {
  readonly first: number;
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
