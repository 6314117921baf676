import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { SpineError, type Problem, type SpineErrorCode } from "#core/errors.ts";
import { parseSessionKey, parseTaskId } from "#core/ids.ts";
import type { AgentOutcome, Input } from "#core/session/input.ts";
import type { AnswerMessage, AttemptProof } from "#core/session/messages.ts";
import type { Json } from "#core/json.ts";

const usage = z.object({
  tokens: z.optional(z.number().check(z.nonnegative())),
  money: z.optional(z.number().check(z.nonnegative())),
});
const failure = z.object({
  code: z.string().check(z.maxLength(100)),
  message: z.string().check(z.maxLength(4_000)),
});

const outcomeSchema = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("ok"),
    result: z.json(),
    confidence: z.optional(z.number().check(z.minimum(0), z.maximum(1))),
    usage: z.optional(usage),
  }),
  z.object({
    status: z.literal("failed"),
    error: failure,
    retryable: z.boolean(),
    effect: z.optional(z.literal("not-done")),
    usage: z.optional(usage),
  }),
]);

const proofSchema = z.object({
  tenant: z.string(),
  session: z.string(),
  task: z.string(),
  attempt: z.int().check(z.positive()),
  token: z.string().check(z.maxLength(200)),
});

const answerSchema = z.extend(proofSchema, { outcome: outcomeSchema });

/** Reads what an agent sends to prove its attempt. Throws `answer.malformed`, naming each field. */
export function parseProof(value: unknown): AttemptProof {
  const parsed = parseWith(proofSchema, value, "answer.malformed", "The message of an agent");
  return {
    ...parseSessionKey(parsed),
    task: parseTaskId(parsed.task),
    attempt: parsed.attempt,
    token: parsed.token,
  };
}

/** Reads an agent's answer. Throws `answer.malformed`, naming each field. */
export function parseAnswer(value: unknown): AnswerMessage {
  const { outcome } = parseWith(answerSchema, value, "answer.malformed", "The answer");
  // The schema is the runtime form of AgentOutcome; zod writes absent fields as `undefined`, which JSON drops.
  return { ...parseProof(value), outcome: JSON.parse(JSON.stringify(outcome)) as AgentOutcome };
}

const identified = {
  source: z.string().check(z.minLength(1), z.maxLength(256)),
  id: z.string().check(z.minLength(1), z.maxLength(256)),
  hash: z.string(),
  correlation: z.string(),
  traceparent: z.optional(z.string()),
};

const inboxSchema = z.object({
  tenant: z.string(),
  session: z.string(),
  input: z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("event"),
      ...identified,
      type: z.string(),
      data: z.json(),
      ordinal: z.optional(z.int().check(z.positive())),
      lane: z.optional(z.enum(["normal", "express"])),
      session: z.optional(z.record(z.string(), z.json())),
      constraints: z.optional(z.record(z.string(), z.json())),
    }),
    z.object({ kind: z.literal("human"), ...identified, ask: z.string(), value: z.json() }),
    z.object({
      kind: z.literal("command"),
      ...identified,
      command: z.discriminatedUnion("type", [
        z.object({ type: z.literal("stop"), reason: z.string() }),
        z.object({ type: z.literal("cancel"), run: z.string(), reason: z.string() }),
        z.object({
          type: z.literal("redrive"),
          task: z.string(),
          attempt: z.int().check(z.positive()),
          letter: z.string(),
        }),
      ]),
    }),
    z.object({
      kind: z.literal("letter"),
      ...identified,
      queue: z.string(),
      attempt: z.optional(z.object({ task: z.string(), attempt: z.int().check(z.positive()) })),
      reason: z.string(),
    }),
    z.object({ kind: z.literal("deadline"), at: z.number() }),
  ]),
});

/** Reads a message of the inbox: who is meant, and the input. It can never be an answer: agents have a queue of their own. */
export function parseInboxMessage(body: string) {
  const { input, ...key } = parseWith(
    inboxSchema,
    parseJson(body, "input.malformed"),
    "input.malformed",
    "The inbox message",
  );
  // The schema is the runtime form of Input without answers and claims.
  return { key: parseSessionKey(key), input: JSON.parse(JSON.stringify(input)) as Input };
}

export function parseJson(text: string, code: SpineErrorCode): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const problem = error instanceof Error ? error.message : "is not JSON";
    throw new SpineError(code, `The body is not JSON: ${problem}. Send one JSON object.`, {
      problems: [{ field: "body", problem: `is not JSON: ${problem}`, repair: "Send one JSON object." }],
    });
  }
}

/** Parses with a schema; the error names every field that does not fit. */
export function parseWith<T>(
  schema: z.ZodMiniType<T>,
  value: unknown,
  code: SpineErrorCode,
  what: string,
): T {
  const result = schema.safeParse(value, { error: english().localeError });
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue): Problem => ({
    field: issue.path.map(String).join(".") || "body",
    problem: issue.message,
    repair: "Give a value of the type that the message names.",
  }));
  throw new SpineError(
    code,
    `${what} is malformed. ${problems.map((p) => `${p.field}: ${p.problem}`).join("; ")}.`,
    { problems },
  );
}
