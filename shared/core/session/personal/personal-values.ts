import { isBelow } from "../../context/path.ts";
import { isJsonObject, type Json, type JsonObject } from "../../json.ts";
import { isSheet, plainPath } from "../sheet.ts";
import { isMarker } from "./markers.ts";

/** What becomes of each personal value among others. */
export type Replace = (value: Json) => Json;

/** Replaces the values that a tenant declared as personal, in whatever the log keeps of a context. */
export interface PersonalValues {
  /** A value that stands, or will stand, at a path of the context. */
  at(path: string, value: Json): Json;
  /** A value of which the log does not say where it will stand: whatever has the end of a declared path. */
  anywhere(value: Json): Json;
  /** What an agent or a person gave for a slot that only the state knows. */
  result(value: Json): Json;
  /** A whole context, or a view of one. */
  context(context: JsonObject): JsonObject;
  /** A value that must be taken for personal as a whole. */
  whole(value: Json): Json;
}

/** Sections that no agent writes. */
const OWN_SECTIONS: readonly string[] = ["input", "session", "constraints"];
/** Below this stands what earlier runs left, by the names of the context. */
const BEFORE = "before";

/** What a path means to whoever declared one: a run's sheet and what earlier runs left have the names of the context. */
function declaredPlace(path: string): string {
  const plain = plainPath(path);
  return isBelow(plain, BEFORE) ? plain.slice(BEFORE.length + 1) : plain;
}

export function personalValues(paths: readonly string[], replaceOne: Replace): PersonalValues {
  // Two declared paths may lead to one value.
  const replace: Replace = (value) => (isMarker(value) ? value : replaceOne(value));
  const tails = paths.map((path) => path.split(".").slice(1)).filter((tail) => tail.length > 0);
  /** An agent's whole section is personal: so is every result, of which nobody knows the slot. */
  const wholeResults = paths.some((path) => !path.includes(".") && !OWN_SECTIONS.includes(path));

  const anywhere = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(anywhere);
    if (!isJsonObject(value)) return value;
    const replaced = tails.reduce<Json>((whole, tail) => replaceAt(whole, tail, replace), value);
    if (!isJsonObject(replaced)) return replaced;
    return mapValues(replaced, (inner, key) => (inner === value[key] ? anywhere(inner) : inner));
  };

  const at = (path: string, value: Json): Json => {
    const place = declaredPlace(path);
    if (place === BEFORE && isJsonObject(value)) return context(value);
    if (paths.some((personal) => personal === place || isBelow(place, personal))) return replace(value);
    const within = paths
      .filter((personal) => isBelow(personal, place))
      .map((personal) => personal.slice(place.length + 1).split("."));
    const replaced = within.reduce<Json>((whole, tail) => replaceAt(whole, tail, replace), value);
    return replaced === value ? anywhere(value) : anywhereElse(value, replaced, anywhere);
  };

  const result = (value: Json): Json => (wholeResults ? replace(value) : anywhere(value));

  const context = (given: JsonObject): JsonObject =>
    mapValues(given, (value, section) => {
      if (!isJsonObject(value)) return at(section, value);
      if (isSheet(section)) return context(value);
      // What is to be undone was an agent's result.
      return section === "undo" ? { ...value, result: result(value["result"] ?? null) } : at(section, value);
    });

  return {
    at,
    anywhere,
    context,
    whole: replace,
    result,
  };
}

/** Looks on where nothing was replaced yet. */
function anywhereElse(before: Json, after: Json, anywhere: Replace): Json {
  if (!isJsonObject(before) || !isJsonObject(after)) return after;
  return mapValues(after, (inner, key) => {
    const was = before[key];
    if (was === undefined || inner === was) return anywhere(inner);
    return anywhereElse(was, inner, anywhere);
  });
}

/** Replaces what stands at the end of some keys; the value itself where there is none. */
function replaceAt(value: Json, [key, ...rest]: readonly string[], replace: Replace): Json {
  if (key === undefined) return replace(value);
  if (!isJsonObject(value) || !Object.hasOwn(value, key)) return value;
  const inner = value[key];
  if (inner === undefined) return value;
  const replaced = replaceAt(inner, rest, replace);
  return replaced === inner ? value : { ...value, [key]: replaced };
}

export function mapValues(object: JsonObject, map: (value: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}
