import { reasonOf } from "./condition-language.ts";
import { programOf } from "./condition-program.ts";
import { REPAIRS } from "./condition-repairs.ts";
import { run, type Names } from "./condition-run.ts";
import { startSteps } from "./condition-steps.ts";
import { toJson } from "./condition-values.ts";
import type { Problem } from "./errors.ts";
import type { Json, JsonObject } from "./json.ts";

export { MAX_CONDITION_DEPTH } from "./condition-language.ts";
export { MAX_CONDITION_LENGTH } from "./condition-program.ts";
export { MAX_CONDITION_STEPS } from "./condition-steps.ts";

export type Evaluation =
  { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly error: string };

/** The problem of an expression in a flow. */
export function checkCondition(text: string, field: string): Problem | undefined {
  const program = programOf(text);
  return program.ok ? undefined : { field, problem: program.problem, repair: REPAIRS[program.repair] };
}

/** Dotted paths that the expression reads, loop variables left out; none if it cannot be read. */
export function pathsOf(text: string): readonly string[] {
  const program = programOf(text);
  return program.ok ? program.paths : [];
}

/** Those of the paths that the expression guards with `has`: it needs their values nowhere else. */
export function guardsOf(text: string): readonly string[] {
  const program = programOf(text);
  return program.ok ? program.guards : [];
}

/** Those of the paths whose values name fields of objects that the expression builds. */
export function keysOf(text: string): readonly string[] {
  const program = programOf(text);
  return program.ok ? program.keys : [];
}

/**
 * Evaluates an expression over a scope. Never throws: a missing key, a wrong type, a result that is not JSON, and an evaluation
 * of more than `MAX_CONDITION_STEPS` are errors. `has(a.b.c)` is the guard: false when any part of the path is missing.
 */
export function evaluate(text: string, scope: JsonObject): Evaluation {
  startSteps();
  return evaluateOn(text, scope);
}

/** The same over each scope in turn, up to the first error. All of them share the limit of one evaluation. */
export function evaluateEach(text: string, scopes: readonly JsonObject[]): readonly Evaluation[] {
  startSteps();
  const results: Evaluation[] = [];
  for (const scope of scopes) {
    const result = evaluateOn(text, scope);
    results.push(result);
    if (!result.ok) break;
  }
  return results;
}

/** Evaluates with the steps that are left. */
function evaluateOn(text: string, scope: JsonObject): Evaluation {
  const program = programOf(text);
  if (!program.ok) return { ok: false, error: program.problem };
  const names: Names = { get: (name) => (Object.hasOwn(scope, name) ? scope[name] : undefined) };
  try {
    return { ok: true, value: toJson(run(program.ast, names)) };
  } catch (error) {
    return { ok: false, error: reasonOf(error) };
  }
}

/** Only `true` counts: no other value and no error does. */
export function isTrue(result: Evaluation): boolean {
  return result.ok && result.value === true;
}
