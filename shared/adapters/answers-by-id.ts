import { isJsonObject, type Json } from "#core/json.ts";

/** A person's answer to each of several questions: the one under its id, or else the whole answer. */
export function answersById(ids: readonly string[], answer: Json): ReadonlyMap<string, Json> {
  const own = ids.length > 1 && isJsonObject(answer) ? answer : {};
  return new Map(ids.map((id) => [id, own[id] ?? answer]));
}
