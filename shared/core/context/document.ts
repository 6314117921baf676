import { SpineError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { splitPath } from "./path.ts";

/** The value at a path, `undefined` when there is none. Arrays are entered by index. */
export function valueAt(document: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = document;
  for (const key of splitPath(path)) {
    value = childOf(value, key);
    if (value === undefined) return undefined;
  }
  return value;
}

/**
 * The document with `value` at the path; all that does not lie on the path is shared with the original.
 * Missing objects are created, and anything on the way that cannot hold the key is replaced by an object.
 */
export function withValueAt(document: JsonObject, path: string, value: Json): JsonObject {
  const changed = replaced(document, splitPath(path), 0, value);
  if (isJsonObject(changed)) return changed;
  throw new SpineError("internal", "A document is an object: nothing else can be set at the empty path.");
}

/** The document without the key at the path, itself when there is none. Arrays are whole values: none of their items is taken out. */
export function withoutValueAt(document: JsonObject, path: string): JsonObject {
  return removed(document, splitPath(path), 0);
}

/** The document without the value at the path, and without the objects on the way that held nothing else. */
export function prunedAt(document: JsonObject, path: string): JsonObject {
  return pruned(document, splitPath(path), 0);
}

function childOf(parent: Json, key: string): Json | undefined {
  if (isItems(parent)) return parent[indexIn(parent, key)];
  return isJsonObject(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined;
}

function replaced(parent: Json | undefined, keys: readonly string[], depth: number, value: Json): Json {
  const key = keys[depth];
  if (key === undefined) return value;
  if (isItems(parent)) {
    const index = indexIn(parent, key);
    if (index >= 0) return parent.with(index, replaced(parent[index], keys, depth + 1, value));
  }
  const holder = isJsonObject(parent) ? parent : {};
  // A computed key defines an own property, also for "__proto__", where an assignment would set the prototype.
  return { ...holder, [key]: replaced(childOf(holder, key), keys, depth + 1, value) };
}

function removed(parent: JsonObject, keys: readonly string[], depth: number): JsonObject {
  const key = keys[depth];
  if (key === undefined) return {};
  if (!Object.hasOwn(parent, key)) return parent;
  if (depth === keys.length - 1) {
    const { [key]: _gone, ...rest } = parent;
    return rest;
  }
  const child = parent[key];
  if (!isJsonObject(child)) return parent;
  const without = removed(child, keys, depth + 1);
  return without === child ? parent : { ...parent, [key]: without };
}

function pruned(parent: JsonObject, keys: readonly string[], depth: number): JsonObject {
  const key = keys[depth];
  const child = key === undefined ? undefined : childOf(parent, key);
  if (key === undefined || child === undefined || depth === keys.length - 1 || !isJsonObject(child))
    return removed(parent, keys, depth);
  const left = pruned(child, keys, depth + 1);
  if (left === child) return parent;
  return Object.keys(left).length === 0
    ? removed(parent, keys.slice(0, depth + 1), depth)
    : { ...parent, [key]: left };
}

function isItems(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Only the canonical text of an index counts: "1", not "01" or "1.0"; -1 when the array has no such item. */
function indexIn(items: readonly Json[], key: string): number {
  const index = Number(key);
  return Number.isInteger(index) && index >= 0 && index < items.length && String(index) === key ? index : -1;
}
