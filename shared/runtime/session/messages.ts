import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { SpineError, type Problem, type SpineErrorCode } from "#core/errors.ts";
import { isSpeakable, UNSPEAKABLE_PROBLEM } from "#core/ids.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import { problemsText } from "#core/problems.ts";

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
  problem: "is not a known field",
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
