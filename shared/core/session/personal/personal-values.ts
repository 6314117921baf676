import { isBelow, splitPath } from "../../context/path.ts";
import { isJsonObject, type Json, type JsonObject } from "../../json.ts";
import { isSheet, plainPath } from "../sheet.ts";

/** Where a value stands in what is stored: the keys and indexes that lead to it. */
export type Location = readonly string[];

/** Replaces the personal values of a tenant in whatever the log keeps of a context. */
export interface PersonalValues {
  /** A value that stands, or will stand, at a path of the context. */
  at(path: string, value: Json): Json;
  /** A value of which the log does not say where it will stand: whatever has the end of a personal path. */
  anywhere(value: Json): Json;
  /** What an agent or a person gave, for a slot that perhaps only the state knows. */
  result(value: Json, slot?: string): Json;
  /** A whole context, or a view of one. */
  context(context: JsonObject): JsonObject;
  /** A value that must be taken for personal as a whole. */
  whole(value: Json): Json;
  /** Words that may quote a value, such as an error's. What stands for them in the store is no text until it is opened. */
  text(words: string): string;
}

/** Where an item of a map stands, as steps name it. */
export const ITEM = "item.value";
/** Where replies stand for whoever follows values; no section has this name. */
export const REPLY = "$reply";
/** Sections whose values come from no agent. */
const OWN_SECTIONS: readonly string[] = ["input", "session", "constraints", REPLY];
/** Below this stands what earlier runs left, by the names of the context. */
export const BEFORE = "before";

/** What a path means to whoever declared one: a run's sheet and what earlier runs left have the names of the context. */
export function declaredPath(path: string): string {
  const plain = plainPath(path);
  return isBelow(plain, BEFORE) ? plain.slice(BEFORE.length + 1) : plain;
}

/** Personal paths by their keys. */
interface Branch {
  readonly below: Map<string, Branch>;
  /** A personal path ends here. */
  ends: boolean;
}

const branch = (): Branch => ({ below: new Map(), ends: false });

function grow(root: Branch, keys: readonly string[]): void {
  let at = root;
  for (const key of keys) {
    const next = at.below.get(key) ?? branch();
    at.below.set(key, next);
    at = next;
  }
  at.ends = true;
}

export function personalValues(paths: readonly string[], replace: (value: Json) => Json): PersonalValues {
  const [declared, ends] = [branch(), branch()];
  for (const path of paths) {
    const [section = path, ...end] = splitPath(path);
    grow(declared, [section, ...end]);
    if (end.length > 0) grow(ends, end);
  }
  /** An agent's whole section is personal: so is every result, of which nobody knows the slot. */
  const wholeResults = paths.some((path) => !path.includes(".") && !OWN_SECTIONS.includes(path));

  /** The branches that a key leads to; the end of a path may begin at any. */
  const into = (branches: readonly Branch[], key: string): readonly Branch[] =>
    [...branches, ends].flatMap(({ below }) => below.get(key) ?? []);

  /** A list has the names of what it holds. */
  const within = (value: Json, branches: readonly Branch[]): Json => {
    if (branches.some((one) => one.ends)) return replace(value);
    if (Array.isArray(value)) return value.map((inner: Json) => within(inner, branches));
    if (!isJsonObject(value)) return value;
    return mapValues(value, (inner, key) => within(inner, into(branches, key)));
  };

  const at = (path: string, value: Json): Json => {
    const location = declaredPath(path);
    if (location === BEFORE && isJsonObject(value)) return context(value);
    const [section = "", ...keys] = splitPath(location);
    let branches: readonly Branch[] = [declared.below.get(section) ?? []].flat();
    for (const key of keys) {
      if (branches.some((one) => one.ends)) return replace(value);
      branches = into(branches, key);
    }
    return within(value, branches);
  };

  const anywhere = (value: Json): Json => within(value, []);
  const result = (value: Json, slot?: string): Json =>
    wholeResults ? replace(value) : slot === undefined ? anywhere(value) : at(slot, value);

  const context = (given: JsonObject): JsonObject =>
    mapValues(given, (value, section) => {
      if (!isJsonObject(value)) return at(section, value);
      if (isSheet(section)) return context(value);
      // What is to be undone was an agent's result.
      return section === "undo" ? { ...value, result: result(value["result"] ?? null) } : at(section, value);
    });

  // A reader without the key finds a marker where the type says text, as it finds one where any value stood.
  const text = (words: string): string => replace(words) as string;
  return { at, anywhere, context, whole: replace, text, result };
}

export function mapValues(object: JsonObject, map: (value: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}
