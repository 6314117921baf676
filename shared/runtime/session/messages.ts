import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { SpineError, type Problem, type SpineErrorCode, problemError } from "#core/errors.ts";
import { isSpeakable, parseSessionKey, parseTaskId, UNSPEAKABLE_PROBLEM } from "#core/ids.ts";
import type { AgentOutcome } from "#core/session/input.ts";
import type { AnswerMessage, AttemptProof } from "#core/session/task-messages.ts";
import { formJson, MAX_DEPTH } from "#core/json-form.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import { boundedText, problemsText } from "#core/problems.ts";

/** A value of what `formJson` or `formProblem` found to be JSON: `z.json()` would bring 3 kB of schemas to look once more. */
export const json = z.custom<Json>((value) => value !== undefined);

/** A name that somebody outside gives: an id, a correlation, a type. */
export const nameText = (most: number, least = 1) =>
  z
    .string()
    .check(
      z.minLength(least),
      z.maxLength(most),
      z.refine(isSpeakable, { error: UNSPEAKABLE_PROBLEM.problem, params: UNSPEAKABLE_PROBLEM }),
    );

const usage = z.object({
  tokens: z.exactOptional(z.number().check(z.nonnegative())),
  money: z.exactOptional(z.number().check(z.nonnegative())),
});
const failure = z.object({
  code: z.string().check(z.maxLength(100)),
  message: z.string().check(z.maxLength(4_000)),
});

const outcomeSchema = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("ok"),
    result: json,
    confidence: z.exactOptional(z.number().check(z.minimum(0), z.maximum(1))),
    usage: z.exactOptional(usage),
  }),
  z.object({
    status: z.literal("failed"),
    error: failure,
    retryable: z.boolean(),
    effect: z.exactOptional(z.literal("not-done")),
    usage: z.exactOptional(usage),
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
  return proofOf(parseWith(proofSchema, value, "answer.malformed", "The message of an agent"));
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
  const proof = proofOf(parsed);
  const outcome: AgentOutcome = parsed.outcome;
  if (outcome.status === "ok") return { ...proof, outcome };
  const { code, message } = outcome.error;
  return { ...proof, outcome: { ...outcome, error: { code, message: boundedText(message) } } };
}

/** Parses with a schema; the error names every field that does not fit, unknown ones and missing ones as such. */
export function parseWith<T>(
  schema: z.ZodMiniType<T>,
  value: unknown,
  code: SpineErrorCode,
  what: string,
): T {
  const result = schema.safeParse(value, { error: english().localeError });
  if (result.success && !hasProto(value)) return result.data;
  const issues = result.success ? [] : result.error.issues;
  const found = [
    ...(hasProto(value) ? [unknownField("__proto__")] : []),
    ...issues.flatMap((issue) => problemsOf(issue, value)),
  ];
  // Of a union each member says that the same field does not fit.
  const byText = new Map(found.map((one) => [JSON.stringify([one.field, one.problem]), one]));
  const problems = [...byText.values()];
  throw new SpineError(code, `${what} is malformed. ${problemsText(problems)}.`, { problems });
}

/** Schemas pass over this one name, which would be lost without a word. */
const hasProto = (value: unknown): boolean => isJsonObject(value) && Object.hasOwn(value, "__proto__");

const unknownField = (field: string): Problem => ({
  field,
  problem: "is no field that is known here",
  repair: "Leave it out, or correct its name.",
});

function problemsOf(issue: z.core.$ZodIssue, value: unknown): readonly Problem[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownField([...path, key].join(".")));
  const field = path.join(".") || "body";
  if (path.length > 0 && valueIn(value, issue.path) === undefined) {
    return [{ field, problem: "is missing", repair: `Give it. ${issue.message}.` }];
  }
  // A rule of ours says itself what to do.
  const own = "params" in issue ? (issue.params?.["repair"] as string | undefined) : undefined;
  return [
    { field, problem: issue.message, repair: own ?? "Give a value of the type that the message names." },
  ];
}

const valueIn = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
