import { isJsonObject, type JsonObject } from "#core/json.ts";

/** Where a text goes: it is the data itself, or a field of it. */
export type TextWay = { readonly type: "whole" } | { readonly type: "field"; readonly field: string };

/** What an agent of A2A can be asked for: an event that starts flows. */
export interface A2aSkill {
  /** The event's type, which is the skill's id. */
  readonly type: string;
  readonly flows: readonly string[];
  /** JSON Schema of the event's data. @default any JSON */
  readonly schema?: JsonObject;
}

/** The field that a text goes into, where the data has it. */
export const TEXT_FIELD = "text";

/** Where a text goes in a value of this schema; nowhere, where the schema has no room for one. */
export function textWay(schema: JsonObject | undefined, field = TEXT_FIELD): TextWay | undefined {
  if (schema === undefined) return { type: "field", field };
  if (schema["type"] === "string") return { type: "whole" };
  const { properties } = schema;
  const known = isJsonObject(properties) ? properties[field] : undefined;
  return isJsonObject(known) && known["type"] === "string" ? { type: "field", field } : undefined;
}
