import type { StandardSchemaV1 } from "@standard-schema/spec";
import { standardShape, type Shape } from "#core/flow/shape.ts";
import { isJsonObject, type Json } from "#core/json.ts";

/** Data that an event of a schema may have, to be pasted and changed; an empty object where nothing is known of it. */
export const exampleData = (schema: StandardSchemaV1 | undefined): Json =>
  schema === undefined ? {} : exampleOf(standardShape(schema, "input"));

function exampleOf(shape: Shape): Json {
  if (!isJsonObject(shape)) return {};
  const { examples, enum: values, type, properties, required } = shape;
  if (Array.isArray(examples) && examples[0] !== undefined) return examples[0];
  if (shape["const"] !== undefined) return shape["const"];
  if (shape["default"] !== undefined) return shape["default"];
  if (Array.isArray(values) && values[0] !== undefined) return values[0];
  switch (type) {
    case "string":
      return "text";
    case "number":
    case "integer":
      return 1;
    case "boolean":
      return true;
    case "array":
      return [];
    default:
      break;
  }
  if (!isJsonObject(properties)) return {};
  const named = Object.entries(properties).filter(
    ([name]) => Array.isArray(required) && required.includes(name),
  );
  return Object.fromEntries(named.map(([name, inner]) => [name, exampleOf(inner)]));
}
