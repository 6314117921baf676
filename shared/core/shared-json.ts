import { canonicalJson, isJsonObject, type Json } from "./json.ts";

/**
 * A value as a list in which everything stands once, each part before what holds it: a list or an object has places of this list
 * instead of its parts. The value itself is the last.
 */
export type SharedJson = readonly Json[];

/** What is said twice, such as the schema of a date, is kept once: applications repeat themselves. */
export function shareJson(value: Json): SharedJson {
  const list: Json[] = [];
  const places = new Map<string, number>();
  const place = (one: Json): number => {
    const text = canonicalJson(one);
    const known = places.get(text);
    if (known !== undefined) return known;
    list.push(withParts(one, place));
    places.set(text, list.length - 1);
    return list.length - 1;
  };
  place(value);
  return list;
}

/** The order of an object's fields is that of the first of its kind. */
export function unshareJson(list: SharedJson): Json {
  const values: Json[] = [];
  // A place holds what was written above.
  for (const one of list) values.push(withParts(one, (at) => values[at as number] as Json));
  return values.at(-1) ?? null;
}

function withParts(value: Json, part: (of: Json) => Json): Json {
  if (Array.isArray(value)) return value.map((item) => part(item as Json));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, part(item)]));
}
