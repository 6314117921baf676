import type { StandardSchemaV1 } from "@standard-schema/spec";
import { formJson } from "#core/json-form.ts";
import type { Json } from "#core/json.ts";
import { messageOf, type Problem } from "#core/errors.ts";
import { boundedProblems, MAX_PROBLEMS } from "#core/problems.ts";

export type Validated<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks a value with any Standard Schema and names each field that does not fit. A schema that throws fits nothing. */
export async function validate<T>(
  schema: StandardSchemaV1<unknown, T>,
  value: unknown,
  root: string,
): Promise<Validated<T>> {
  try {
    const result = await schema["~standard"].validate(value);
    if (result.issues === undefined) return { ok: true, value: result.value };
    const { issues } = result;
    const first = issues.slice(0, MAX_PROBLEMS).map((issue) => toProblem(issue, root));
    return { ok: false, problems: boundedProblems(first, issues.length) };
  } catch (error) {
    const problem = `its schema failed: ${messageOf(error)}`;
    return { ok: false, problems: [{ field: root, problem, repair: "Repair the schema." }] };
  }
}

/** What a schema made of a value, as JSON and nothing else: it may coerce. */
export function asJson(value: unknown, root: string): Validated<Json> {
  const formed = formJson(value, root);
  return formed.ok ? formed : { ok: false, problems: [formed.problem] };
}

function toProblem(issue: StandardSchemaV1.Issue, root: string): Problem {
  const parts = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return {
    field: [root, ...parts].join("."),
    problem: issue.message,
    repair: "Give a value that fits the schema.",
  };
}
