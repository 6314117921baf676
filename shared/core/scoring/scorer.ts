import { problemError } from "../errors.ts";
import type { Json } from "../json.ts";
import type { RecordedEvent } from "../session/events.ts";

/** The reply that is scored. */
export interface ScoredReply {
  readonly sequence: number;
  readonly body: Json;
  /** The run failed: the body says how. */
  readonly failed: boolean;
  /** The flow whose run replied, by its name; absent for a reply to an event that no run took. */
  readonly flow?: string;
}

/** What a scorer sees of a reply. */
export interface ScoredCase {
  readonly reply: ScoredReply;
  /** The event that was replied to: what its producer sent. */
  readonly input: { readonly type: string; readonly data: Json };
  /** The session's events up to the reply. */
  readonly events: readonly RecordedEvent[];
}

export interface Score {
  /** 0 (of no use) to 1 (as good as can be). */
  readonly score: number;
  /** A word for it, such as `no-price`: up to 64 letters, digits, spaces and `._:-`, so that nothing that a person said gets into it. */
  readonly label?: string;
}

/** Scores replies. Without a score for a reply it has nothing to say about it. */
export interface Scorer {
  readonly name: string;
  readonly scores: (of: ScoredCase) => Score | undefined | Promise<Score | undefined>;
}

const NAME = /^[a-z][a-z0-9_-]{0,31}$/;

/**
 * Describes a scorer: a function of a reply, what it replies to, and the session's events so far. It may call a model.
 *
 * @throws {SpineError} `setting.invalid` where its name is not 1 to 32 lower-case letters, digits, - and _
 * @example
 * const short = defineScorer({
 *   name: "short",
 *   scores: ({ reply }) => ({ score: JSON.stringify(reply.body).length <= 1_000 ? 1 : 0 }),
 * });
 */
export function defineScorer(scorer: Scorer): Scorer {
  if (typeof scorer.name === "string" && NAME.test(scorer.name)) return scorer;
  throw problemError("setting.invalid", {
    field: "name",
    problem: `${JSON.stringify(scorer.name)} names no scorer`,
    repair: "Use 1 to 32 lower-case letters, digits, - and _, starting with a letter.",
  });
}
