import type { StandardSchemaV1 } from "@standard-schema/spec";
import { formJson } from "../json-form.ts";
import { isJsonObject, utf8Length, type JsonObject } from "../json.ts";
import { standardShape } from "./shape.ts";

/** A larger schema is not stored: it would be in every session's log that the flow is in. */
export const MAX_STORED_SCHEMA_BYTES = 16_000;

/**
 * What a schema demands of what comes in, as JSON Schema: plain data that is stored with a flow. None where its library
 * does not speak Standard JSON Schema, or where JSON Schema cannot say it.
 */
export function storedSchema(schema: StandardSchemaV1): JsonObject | undefined {
  const formed = formJson(standardShape(schema, "input"), "schema");
  if (!formed.ok || !isJsonObject(formed.value)) return undefined;
  return utf8Length(JSON.stringify(formed.value)) > MAX_STORED_SCHEMA_BYTES ? undefined : formed.value;
}
