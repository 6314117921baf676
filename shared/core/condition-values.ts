import { spend, spendCopy } from "./condition-steps.ts";
import { MAX_DEPTH } from "./json-form.ts";
import type { Json } from "./json.ts";

/** A list or object of data, or one that the expression built; all else is a text, a number, or a value of the library's own. */
export type Container = readonly unknown[] | Readonly<Record<string, unknown>>;

export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export const isContainer = (value: unknown): value is Container => isList(value) || isObject(value);

/** Keys of large objects are kept in a table, and put into their order each time. */
const KEY_STEPS = 12;

export function keysOf(value: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = Object.keys(value);
  spend(KEY_STEPS * keys.length);
  return keys;
}

/** Undefined where there is none; objects inherit nothing here. */
export function fieldOf(value: unknown, key: unknown): unknown {
  if (isList(value))
    return typeof key === "bigint" || typeof key === "number" ? value[Number(key)] : undefined;
  if (!isObject(value) || typeof key === "object") return undefined;
  const name = String(key);
  spendCopy(name.length);
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

export const isNumber = (value: unknown): value is number | bigint =>
  typeof value === "number" || typeof value === "bigint";

/** An instant, a duration, bytes, a type: what the language has and JSON does not. */
export const isOfLanguage = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !isContainer(value);

export function typeName(value: unknown): string {
  switch (typeof value) {
    case "bigint":
      return "int";
    case "number":
      return "double";
    case "boolean":
      return "bool";
    case "object":
      if (value === null) return "null";
      if (isContainer(value)) return isList(value) ? "list" : "map";
      return value instanceof Uint8Array ? "bytes" : "another type";
    default:
      return typeof value;
  }
}

/** Judges values of the language's own, such as instants. */
type Leaves = (a: unknown, b: unknown) => boolean;

/**
 * Whether two values are equal, through all their levels, of which there may be any number. That both are one object saves no
 * step: read back from the log, they are two.
 */
export function areEqual(one: unknown, other: unknown, leaves: Leaves): boolean {
  const pairs: [unknown, unknown][] = [[one, other]];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [a, b] = pair;
    spend(2);
    if (isList(a)) {
      if (!isList(b) || a.length !== b.length) return false;
      spend(a.length);
      for (let at = a.length - 1; at >= 0; at--) pairs.push([a[at], b[at]]);
    } else if (isObject(a)) {
      if (!isObject(b)) return false;
      const keys = keysOf(a);
      if (keys.length !== keysOf(b).length) return false;
      for (const key of keys) {
        if (!Object.hasOwn(b, key)) return false;
        pairs.push([a[key], b[key]]);
      }
    } else if (isContainer(b) || !leavesEqual(a, b, leaves)) return false;
  }
  return true;
}

function leavesEqual(a: unknown, b: unknown, leaves: Leaves): boolean {
  if (typeof a === "string" && typeof b === "string") {
    if (a.length !== b.length) return false;
    spendCopy(a.length);
    return a === b;
  }
  // A whole number and a double compare by what they say.
  if (isNumber(a)) return isNumber(b) && a >= b && a <= b;
  if (typeof a === "object" && typeof b === "object" && a !== null && b !== null) return leaves(a, b);
  return a === b;
}

/** Of a result, for a step: an input and its copies fit, as many as a context could hold (1 MB). */
const RESULT_CHARACTERS = 2;
const DEEP = `The result is nested deeper than ${MAX_DEPTH} levels. Flatten it`;

/** The language's ints are bigints; its timestamps, durations, bytes, types and unsigned numbers have no JSON. */
export function toJson(value: unknown, depth = 0): Json {
  if (isContainer(value)) {
    if (depth >= MAX_DEPTH) throw new Error(DEEP);
    if (isList(value)) {
      spend(2 * value.length + 2);
      return value.map((item) => toJson(item, depth + 1));
    }
    const fields = keysOf(value).map((key) => {
      spend(key.length + 4);
      return [key, toJson(value[key], depth + 1)] as const;
    });
    // Defines own properties, "__proto__" included.
    return Object.fromEntries(fields);
  }
  if (typeof value === "string") {
    spend(2 + value.length / RESULT_CHARACTERS);
    return value;
  }
  spend(10);
  if (value === undefined) return null;
  if (value === null || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value)))
    return value;
  const whole = typeof value === "bigint" ? Number(value) : NaN;
  if (Number.isSafeInteger(whole)) return whole;
  throw new Error(`The result is not JSON: ${typeof value === "number" ? String(value) : typeName(value)}`);
}
