import { messageOf, type Problem } from "./errors.ts";
import type { Json } from "./json.ts";

/** Deeper values are refused: reading them back must not exhaust the stack. A value that holds itself is one of them. */
export const MAX_DEPTH = 64;

export type Formed =
  { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: Problem };

const EXACT = "Numbers are doubles: send it as a text, or as a whole number up to 9007199254740991.";
const PLAIN = "Give plain JSON: texts, finite numbers, true, false, null, lists, and objects of these.";

/**
 * A value as JSON that says the same, or the first place where no JSON would: NaN, a bigint, a function, a promise, a Map, a
 * whole number that a double cannot hold. What has `toJSON` is converted, and a field that is `undefined` is left out; an
 * item of a list is not.
 *
 * @example formJson({ at: new Date(0), note: undefined }, "result") // { at: "1970-01-01T00:00:00.000Z" }
 */
export function formJson(value: unknown, field: string): Formed {
  try {
    return { ok: true, value: formed(value ?? null, field, 0) };
  } catch (error) {
    if (error instanceof NoJson) return { ok: false, problem: error.problem };
    return { ok: false, problem: { field, problem: `cannot be read: ${messageOf(error)}`, repair: PLAIN } };
  }
}

/** What keeps a value from being JSON that says the same. */
export function formProblem(value: unknown, field: string): Problem | undefined {
  const result = formJson(value, field);
  return result.ok ? undefined : result.problem;
}

class NoJson extends Error {
  readonly problem: Problem;
  constructor(field: string, problem: string, repair = PLAIN) {
    super(problem);
    this.problem = { field, problem, repair };
  }
}

function formed(value: unknown, field: string, depth: number): Json {
  if (depth > MAX_DEPTH)
    throw new NoJson(
      field.split(".", 1)[0] ?? field,
      `is nested deeper than ${MAX_DEPTH} levels`,
      "Flatten it.",
    );
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new NoJson(field, `is ${value}, which JSON cannot say`);
      if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
      throw new NoJson(field, `is a whole number beyond 9007199254740991, which would be rounded`, EXACT);
    case "object":
      if (value === null) return null;
      break;
    default:
      throw new NoJson(
        field,
        `is ${value === undefined ? "undefined" : `a ${typeof value}`}, which is no JSON`,
      );
  }
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return formed(value.toJSON(), field, depth + 1);
  }
  if (Array.isArray(value)) {
    return Array.from(value, (item: unknown, at) => formed(item, under(field, String(at)), depth + 1));
  }
  if (!isPlain(value)) throw new NoJson(field, `is a ${nameOf(value)}, which is no JSON`);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  // Defines own properties, "__proto__" included.
  return Object.fromEntries(entries.map(([key, item]) => [key, formed(item, under(field, key), depth + 1)]));
}

const under = (field: string, key: string): string => (field === "" ? key : `${field}.${key}`);

/** Also an object of another realm, whose `Object` is another. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function nameOf(value: object): string {
  const made: unknown = Object.getPrototypeOf(value)?.constructor;
  return typeof made === "function" && made.name !== "" ? made.name : "an object with a class of its own";
}
