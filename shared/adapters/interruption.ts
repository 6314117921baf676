import * as z from "zod/mini";
import { SpineError } from "#core/errors.ts";
import { isJsonObject, utf8Length, type Json } from "#core/json.ts";
import type { Asking, Resumed } from "./framework.ts";

/**
 * Largest checkpoint as JSON, bytes: a result has at most 200,000, and the question is in it as well.
 *
 * @example
 * console.log(`A checkpoint has at most ${MAX_CHECKPOINT_BYTES} bytes.`);
 */
export const MAX_CHECKPOINT_BYTES = 150_000;

/** What an agent that asks a person leaves in its section until it goes on. */
export interface Interrupted {
  readonly interrupted: { readonly question: Json; readonly checkpoint: Json };
}

/**
 * Its schema: `defineInterruptible` adds it to the contract's output. A result is JSON in any case: going through a checkpoint value by value
 * would only cost time where its session is decided.
 */
export const INTERRUPTED = z.strictObject({
  interrupted: z.strictObject({ question: z.unknown(), checkpoint: z.unknown() }),
});

/** The section that tells an agent what the person answered: `withApproval` writes it, `defineInterruptible` reads it. */
export const approvalSection = (section: string): string => `${section}_approval`;

/** What the view says of questions: where the agent goes on, and how often it may still ask. */
export interface Standing {
  readonly resumed?: Resumed;
  /** 0 where the plan has nobody to ask. */
  readonly roundsLeft: number;
}

export function standingIn(view: unknown, section: string): Standing {
  if (!isJsonObject(view)) return { roundsLeft: 0 };
  const approval = view[approvalSection(section)];
  if (!isJsonObject(approval)) return { roundsLeft: 0 };
  const roundsLeft = typeof approval["roundsLeft"] === "number" ? approval["roundsLeft"] : 0;
  const left = view[section];
  const { answer } = approval;
  if (answer === undefined || !isJsonObject(left) || !isJsonObject(left["interrupted"]))
    return { roundsLeft };
  const { checkpoint = null } = left["interrupted"];
  return { roundsLeft, resumed: { checkpoint, answer } };
}

/** The result of an agent that asks. Throws `agent.failed` where nobody may be asked, or the checkpoint is too large. */
export function interruptedBy({ question, checkpoint }: Asking, agent: string, left: number): Interrupted {
  if (left < 1) throw refused(agent, "asks a person, but its plan lets it ask no more", WRAP);
  const bytes = utf8Length(JSON.stringify(checkpoint));
  if (bytes > MAX_CHECKPOINT_BYTES) {
    const repair = "Shorten its history, or keep the state outside and let the checkpoint name it.";
    throw refused(agent, `has a checkpoint of ${bytes} bytes, more than ${MAX_CHECKPOINT_BYTES}`, repair);
  }
  return { interrupted: { question, checkpoint } };
}

const WRAP = "Write withApproval(contract) in the plan, with more rounds if it may ask more often.";

const refused = (agent: string, problem: string, repair: string): SpineError =>
  new SpineError("agent.failed", `The agent "${agent}" ${problem}. ${repair}`, {
    problems: [{ field: agent, problem, repair }],
  });
