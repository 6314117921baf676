import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import type { Json } from "../json.ts";

/** A JSON Schema; nothing is known of what has none. */
export type Shape = Json | undefined;

/** Gives the JSON Schema of what a schema lets through, where it can tell. */
export type ShapeOf = (schema: StandardSchemaV1) => Shape;

const TARGET = "draft-2020-12";

/** Of schemas that say it themselves, by the Standard JSON Schema: of what comes out, or of what they demand of what comes in. */
export function standardShape(schema: StandardSchemaV1, side: "input" | "output" = "output"): Shape {
  const standard: Partial<StandardJSONSchemaV1.Props> = schema["~standard"];
  try {
    return standard.jsonSchema?.[side]({ target: TARGET }) as Shape; // JSON, by the specification
  } catch {
    // It says nothing of parts that JSON Schema has no word for.
    return undefined;
  }
}
