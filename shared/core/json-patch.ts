import { isJsonObject, sameJson, type Json } from "./json.ts";

/** An operation of RFC 6902 on a JSON document. */
export type PatchOperation =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: Json }
  | { readonly op: "remove"; readonly path: string };

/** The JSON Pointer (RFC 6901) of a key inside the value at `pointer`. */
export const pointerTo = (pointer: string, key: string): string =>
  `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;

/**
 * What makes one value the other, as deep as both are objects; an array is one value. The operations stand for themselves: each names a
 * path of its own.
 * @param pointer where the values stand in the document
 */
export function patchBetween(before: Json, after: Json, pointer = ""): readonly PatchOperation[] {
  if (before === after) return [];
  if (!isJsonObject(before) || !isJsonObject(after))
    return sameJson(before, after) ? [] : [{ op: "replace", path: pointer, value: after }];
  const removed = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  return [
    ...removed.map((key) => ({ op: "remove", path: pointerTo(pointer, key) }) as const),
    ...Object.entries(after).flatMap(([key, value]): readonly PatchOperation[] => {
      const path = pointerTo(pointer, key);
      const known = Object.hasOwn(before, key) ? before[key] : undefined;
      return known === undefined ? [{ op: "add", path, value }] : patchBetween(known, value, path);
    }),
  ];
}
