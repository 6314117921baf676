import * as z from "zod/mini";
import { problemError } from "#core/errors.ts";
import { parseSessionKey, parseTaskId } from "#core/ids.ts";
import { formJson, MAX_DEPTH } from "#core/json-form.ts";
import { boundedText } from "#core/problems.ts";
import type { AgentOutcome } from "#core/session/input.ts";
import type { AnswerMessage, AttemptProof } from "#core/session/task-messages.ts";
import { json, nameText, parseWith } from "../session/messages.ts";

// What agents send, each once: it is read by these schemas, and published as what they take (docs/task.schema.json).

const amount = z.number().check(z.nonnegative());
const usageSchema = z.object({ tokens: z.exactOptional(amount), money: z.exactOptional(amount) });

const doneSchema = z.object({
  status: z.literal("ok"),
  result: json,
  confidence: z.exactOptional(z.number().check(z.minimum(0), z.maximum(1))),
  usage: z.exactOptional(usageSchema),
});

export const failedSchema = z.object({
  status: z.literal("failed"),
  error: z.object({
    code: z.string().check(z.maxLength(100)),
    message: z.string().check(z.maxLength(4_000)),
  }),
  retryable: z.boolean(),
  effect: z.exactOptional(z.literal("not-done")),
  usage: z.exactOptional(usageSchema),
});

export const outcomeSchema = z.discriminatedUnion("status", [doneSchema, failedSchema]);

export const proofSchema = z.object({
  tenant: z.string(),
  session: z.string(),
  task: z.string(),
  attempt: z.int().check(z.positive()),
  token: z.string().check(z.maxLength(200)),
});

export const answerSchema = z.extend(proofSchema, {
  outcome: outcomeSchema,
  nextWithinMs: z.exactOptional(amount),
});

/** Which execution of an attempt claims its effect: a name of its own, the same when it asks again. */
export const executionSchema = nameText(200);
const claimSchema = z.object({ execution: executionSchema });

/** The number of the last signal that it has. */
export const afterSchema = z.int().check(z.nonnegative());
const signalsSchema = z.object({ after: afterSchema });

/** Reads what an agent sends to prove its attempt. Throws `answer.malformed`, naming each field. */
export function parseProof(value: unknown): AttemptProof {
  return proofOf(parseWith(proofSchema, value, "answer.malformed", "The message of an agent"));
}

/** Reads by which name an execution claims. Throws `answer.malformed`. */
export function parseExecution(execution: unknown): string {
  return parseWith(claimSchema, { execution }, "answer.malformed", "The claim").execution;
}

/** Reads after which signal an agent asks for more. Throws `answer.malformed`. */
export function parseAfter(after: unknown): number {
  return parseWith(signalsSchema, { after }, "answer.malformed", "The question for signals").after;
}

const proofOf = ({ attempt, token, ...named }: z.output<typeof proofSchema>): AttemptProof => ({
  ...parseSessionKey(named),
  task: parseTaskId(named.task),
  attempt,
  token,
});

/** Reads an agent's answer. Throws `answer.malformed`, naming each field. */
export function parseAnswer(value: unknown): AnswerMessage {
  // Its outcome holds the result.
  const formed = formJson(value, "", MAX_DEPTH + 2);
  if (!formed.ok) throw problemError("answer.malformed", formed.problem);
  const parsed = parseWith(answerSchema, formed.value, "answer.malformed", "The answer");
  const { nextWithinMs } = parsed;
  const proof = { ...proofOf(parsed), ...(nextWithinMs !== undefined && { nextWithinMs }) };
  const outcome: AgentOutcome = parsed.outcome;
  if (outcome.status === "ok") return { ...proof, outcome };
  const { code, message } = outcome.error;
  return { ...proof, outcome: { ...outcome, error: { code, message: boundedText(message) } } };
}
