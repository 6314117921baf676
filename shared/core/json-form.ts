import { messageOf, type Problem } from "./errors.ts";
import type { Json } from "./json.ts";

/**
 * Lists and objects around the innermost value of what a session takes: data of an event, an agent's result, a person's answer.
 * Deeper values are refused: reading them back must not exhaust the stack. A value that holds itself is one of them.
 */
export const MAX_DEPTH = 64;
/** An event is an object around its data. */
export const EVENT_DEPTH = MAX_DEPTH + 1;
/** The deepest message: an envelope of the bus, kept in a message of the inbox, holds the event. */
export const MESSAGE_DEPTH = MAX_DEPTH + 3;

export type Formed =
  { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: Problem };

const EXACT = "Numbers are doubles: send it as a text, or use a whole number up to 9007199254740991.";
const PLAIN = "Give plain JSON: texts, finite numbers, true, false, null, lists, and objects of these.";

/**
 * A value as JSON that says the same, or the first place where no JSON would: NaN, a bigint, a function, a promise, a Map, a
 * whole number that a double cannot hold. What has `toJSON` is converted, and a field that is `undefined` is left out; an
 * item of a list is not. `depth` is how many levels of lists and objects it may have.
 *
 * @example formJson({ at: new Date(0), note: undefined }, "result") // { at: "1970-01-01T00:00:00.000Z" }
 */
export function formJson(value: unknown, field: string, depth = MAX_DEPTH): Formed {
  try {
    return { ok: true, value: formed(value ?? null, field, { depth, left: depth }) };
  } catch (error) {
    if (error instanceof NoJson) return { ok: false, problem: error.problem };
    return {
      ok: false,
      problem: { field, problem: `cannot be serialized: ${messageOf(error)}`, repair: PLAIN },
    };
  }
}

/** What keeps a value from being JSON that says the same. */
export function formProblem(value: unknown, field: string, depth = MAX_DEPTH): Problem | undefined {
  const result = formJson(value, field, depth);
  return result.ok ? undefined : result.problem;
}

/** What is wrong with a value of more levels than `depth`. Any number of levels is looked at without any on the stack. */
export function depthProblem(value: unknown, field: string, depth: number): Problem | undefined {
  let level: readonly unknown[] = [value];
  for (let left = depth; level.length > 0; left--) {
    level = level.filter((item) => typeof item === "object" && item !== null);
    if (level.length > 0 && left === 0) return tooDeep(field);
    level = level.flatMap((item) => Object.values(item as object)); // the others were left out
  }
  return undefined;
}

const tooDeep = (field: string): Problem => ({
  field,
  problem: `is nested deeper than ${MAX_DEPTH} levels`,
  repair: "Flatten it.",
});

class NoJson extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.problem);
    this.problem = problem;
  }
}

const noJson = (field: string, problem: string, repair = PLAIN): NoJson =>
  new NoJson({ field, problem, repair });

/** How many levels a value may have, and how many of them are left. */
interface Levels {
  readonly depth: number;
  readonly left: number;
}

function formed(value: unknown, field: string, levels: Levels): Json {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw noJson(field, `is ${value}, which JSON cannot represent`);
      if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
      throw noJson(field, `is a whole number beyond 9007199254740991, which would be rounded`, EXACT);
    case "object":
      if (value === null) return null;
      break;
    default:
      throw noJson(field, `is ${value === undefined ? "undefined" : `a ${typeof value}`}, which is not JSON`);
  }
  const { depth, left } = levels;
  // Names the value that is too deep, and not the depth of it.
  const named = Math.max(1, depth - MAX_DEPTH);
  if (left === 0) throw new NoJson(tooDeep(field.split(".", named).join(".")));
  const inner = { depth, left: left - 1 };
  if ("toJSON" in value && typeof value.toJSON === "function") return formed(value.toJSON(), field, inner);
  if (Array.isArray(value)) {
    return Array.from(value, (item: unknown, at) => formed(item, under(field, String(at)), inner));
  }
  if (!isPlain(value)) throw noJson(field, `is a ${nameOf(value)}, which is not JSON`);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  // Defines own properties, "__proto__" included.
  return Object.fromEntries(entries.map(([key, item]) => [key, formed(item, under(field, key), inner)]));
}

const under = (field: string, key: string): string => (field === "" ? key : `${field}.${key}`);

/** Also an object of another realm, whose `Object` is another. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function nameOf(value: object): string {
  const made: unknown = Object.getPrototypeOf(value)?.constructor;
  return typeof made === "function" && made.name !== "" ? made.name : "a class instance";
}
