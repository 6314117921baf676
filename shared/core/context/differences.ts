import { sameJson, type Json, type JsonObject } from "../json.ts";
import { childPath } from "./path.ts";
import { isTree } from "./versions.ts";

/** A path at which two documents differ. */
export interface Difference {
  readonly path: string;
  /** Absent: there is no value. */
  readonly one?: Json;
  readonly other?: Json;
}

/** Where two values differ, as deep as both are objects. An array is one value. */
export function differencesBelow(
  path: string,
  one: Json | undefined,
  other: Json | undefined,
): readonly Difference[] {
  if (one === other || (one !== undefined && other !== undefined && sameJson(one, other))) return [];
  if (isTree(one) && isTree(other)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return keys.flatMap((key) => differencesBelow(childPath(path, key), own(one, key), own(other, key)));
  }
  return [{ path, ...(one !== undefined && { one }), ...(other !== undefined && { other }) }];
}

const own = (value: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(value, key) ? value[key] : undefined;
