import { Validator, type Schema } from "@cfworker/json-schema";
import type { Problem } from "#core/errors.ts";
import type { Json, JsonObject } from "#core/json.ts";

/** What keeps a value from fitting a schema that was stored with a flow; nothing if it fits. */
export function storedSchemaProblems(schema: JsonObject, value: Json, root: string): readonly Problem[] {
  // Every field of the library's type is optional and checked when it is used.
  const { valid, errors } = new Validator(schema as Schema, "2020-12", false).validate(value);
  if (valid) return [];
  // What says which field is wrong comes after what says that a part of the whole is.
  const innermost = errors.filter(({ keyword }) => !OUTER.has(keyword));
  return (innermost.length > 0 ? innermost : errors).map(({ instanceLocation, error }) => ({
    field: [root, ...instanceLocation.split("/").slice(1)].join("."),
    problem: error,
    repair: "Give a value that fits the schema.",
  }));
}

const OUTER: ReadonlySet<string> = new Set(["properties", "items", "prefixItems", "allOf", "$ref"]);
