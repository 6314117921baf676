import { builtOddKeys, programOf, SCOPE, startEvaluation, type Program } from "./condition-program.ts";
import { holdsOddKey, withMaps } from "./condition-values.ts";
import { messageOf, type Problem } from "./errors.ts";
import type { Json, JsonObject } from "./json.ts";

export { MAX_CONDITION_DEPTH, MAX_CONDITION_LENGTH, MAX_CONDITION_STEPS } from "./condition-program.ts";

export type Evaluation =
  { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly error: string };

/** What is wrong with an expression that is about to become part of a flow. */
export function checkCondition(text: string, field: string): Problem | undefined {
  const program = programOf(text);
  return program.ok ? undefined : { field, problem: program.problem, repair: program.repair };
}

/** Dotted paths that the expression reads, loop variables left out; none if it cannot be read. */
export function pathsOf(text: string): readonly string[] {
  const program = programOf(text);
  return program.ok ? program.paths : [];
}

/** Those of the paths that the expression asks for with `has`: it minds where they have no value. */
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
 * Evaluates an expression over a scope. Never throws: a missing key, a wrong type and a result that is not JSON are errors.
 * `has(a.b.c)` is the guard: false when any part of the path is missing.
 */
export function evaluate(text: string, scope: JsonObject): Evaluation {
  const program = programOf(text);
  if (!program.ok) return { ok: false, error: program.problem };
  const values = new Map<string, Json>();
  for (const name of program.roots) if (Object.hasOwn(scope, name)) values.set(name, scope[name] as Json);
  try {
    if (![...values.values()].some(holdsOddKey)) {
      const plain = run(program, values, false);
      if (!builtOddKeys()) return plain;
    }
    return run(program, new Map([...values].map(([name, value]) => [name, withMaps(value)])), true);
  } catch (error) {
    // A value too deep to be walked through.
    return { ok: false, error: messageOf(error) };
  }
}

function run(program: Program, values: ReadonlyMap<string, unknown>, asMaps: boolean): Evaluation {
  startEvaluation(asMaps);
  try {
    return { ok: true, value: toJson(program.run(new Map<string, unknown>([...values, [SCOPE, values]]))) };
  } catch (error) {
    return { ok: false, error: firstLine(messageOf(error)) };
  }
}

/** Only `true` counts: no other value and no error does. */
export function isTrue(result: Evaluation): boolean {
  return result.ok && result.value === true;
}

/** The language's ints are bigints; its timestamps, durations, bytes, types and unsigned numbers have no JSON. */
function toJson(value: unknown): Json {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "undefined":
      return null;
    case "number":
      if (Number.isFinite(value)) return value;
      break;
    case "bigint":
      if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return Number(value);
      break;
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) return value.map(toJson);
      if (value instanceof Map) return objectOf([...value].map(([key, item]) => [String(key), item]));
      if (isPlain(value)) return objectOf(Object.entries(value));
      break;
    case "function":
    case "symbol":
  }
  throw new Error(`The result is not JSON: ${String(value)}`);
}

function objectOf(entries: readonly (readonly [string, unknown])[]): JsonObject {
  return Object.fromEntries(entries.map(([key, item]) => [key, toJson(item)]));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The library adds an excerpt of the text below its message, and the text is not the author's own. */
function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? message;
}
