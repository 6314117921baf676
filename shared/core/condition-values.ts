import type { Json } from "./json.ts";

/**
 * Keys by which the library of the language tells kinds of values apart, or which plain objects inherit. Data may have them:
 * an object with such a key is handed to the language as a Map, which has no inherited keys, and so is everything beside it.
 */
const ODD: ReadonlySet<string> = new Set(["constructor", "__proto__", "prototype"]);

export const isOddKey = (key: string): boolean => ODD.has(key);

/** Whether an object somewhere in the value has an odd key. */
export function holdsOddKey(value: Json): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return (value as readonly Json[]).some(holdsOddKey);
  for (const [key, item] of Object.entries(value)) if (ODD.has(key) || holdsOddKey(item as Json)) return true;
  return false;
}

/** The value with a Map in place of every object. */
export function withMaps(value: Json): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(withMaps);
  return new Map(Object.entries(value).map(([key, item]) => [key, withMaps(item as Json)]));
}
