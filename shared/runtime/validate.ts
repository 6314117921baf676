import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Problem } from "#core/errors.ts";

export type Validated<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks a value with any Standard Schema and names each field that does not fit. */
export async function validate<T>(
  schema: StandardSchemaV1<unknown, T>,
  value: unknown,
  root: string,
): Promise<Validated<T>> {
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return { ok: true, value: result.value };
  return { ok: false, problems: result.issues.map((issue) => toProblem(issue, root)) };
}

function toProblem(issue: StandardSchemaV1.Issue, root: string): Problem {
  const parts = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return {
    field: [root, ...parts].join("."),
    problem: issue.message,
    repair: "Give a value that fits the schema.",
  };
}
