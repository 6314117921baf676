import { problemError, type SpineError } from "../errors.ts";
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
  /** The session's events up to the reply; of a running deployment about the last thousand. */
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
  /** Kept with each of its scores: up to 32 letters, digits and `._-`. @default none */
  readonly version?: string;
  /** The labels that it may give, 20 at most. Scores of a running deployment keep no other. @default any; none of them is kept there */
  readonly labels?: readonly string[];
  readonly scores: (of: ScoredCase) => Score | undefined | Promise<Score | undefined>;
}

const NAME = /^[a-z][a-z0-9_-]{0,31}$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;
const LABEL = /^[A-Za-z0-9 ._:-]{1,64}$/;
const MAX_LABELS = 20;

export const isLabel = (label: unknown): boolean => typeof label === "string" && LABEL.test(label);

/**
 * Describes a scorer: a function of a reply, what it replies to, and the session's events so far. It may call a model.
 *
 * @throws {SpineError} `setting.invalid` where its name is not 1 to 32 lower-case letters, digits, - and _, or its version or a label is none
 * @example
 * const short = defineScorer({
 *   name: "short",
 *   labels: ["long"],
 *   scores: ({ reply }) =>
 *     JSON.stringify(reply.body).length <= 1_000 ? { score: 1 } : { score: 0, label: "long" },
 * });
 */
export function defineScorer(scorer: Scorer): Scorer {
  const { name, version, labels } = scorer;
  if (typeof name !== "string" || !NAME.test(name))
    throw wrong(
      "name",
      name,
      "names no scorer",
      "Use 1 to 32 lower-case letters, digits, - and _, starting with a letter.",
    );
  if (version !== undefined && !VERSION.test(version))
    throw wrong(
      "version",
      version,
      "is no version",
      "Use 1 to 32 letters, digits, ., - and _, starting with a letter or digit.",
    );
  if (labels !== undefined && labels.length > MAX_LABELS)
    throw wrong("labels", labels.length, "are too many", `Declare ${MAX_LABELS} at most.`);
  const label = labels?.find((one) => !isLabel(one));
  if (label !== undefined)
    throw wrong("labels", label, "is no label", "Use 1 to 64 letters, digits, spaces and ._:-");
  return scorer;
}

const wrong = (field: string, given: unknown, problem: string, repair: string): SpineError =>
  problemError("setting.invalid", { field, problem: `${JSON.stringify(given)} ${problem}`, repair });
