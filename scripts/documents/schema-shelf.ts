import type { StandardSchemaV1, StandardJSONSchemaV1 } from "@standard-schema/spec";
import * as z from "zod";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";

/** The words in which a document's schemas are written. */
export type SchemaDraft = "draft-07" | "draft-2020-12";

const BELOW = /^#\/(?:\$defs|definitions)\/(.+)$/;

/** Schemas of a document, each under a name of its own, with nothing left that would refer to the schema that it was part of. */
export class SchemaShelf {
  readonly #draft: SchemaDraft;
  readonly #schemas = new Map<string, JsonObject>();

  constructor(draft: SchemaDraft) {
    this.#draft = draft;
  }

  /** Writes what a schema takes, and gives a reference to it. What JSON Schema has no words for is any value. */
  put(name: string, schema: StandardSchemaV1 | undefined): JsonObject {
    return this.putJson(name, schema === undefined ? {} : jsonSchemaOf(schema, this.#draft));
  }

  /** The same, of a JSON Schema. */
  putJson(name: string, schema: JsonObject): JsonObject {
    const own = this.#free(componentName(name));
    // Its name is taken before its parts are named.
    this.#schemas.set(own, {});
    const { $schema: _, $id: __, $defs, definitions, ...rest } = schema;
    const parts = Object.entries({ ...objectOf($defs), ...objectOf(definitions) });
    const names = new Map(parts.map(([part]) => [part, this.#free(componentName(`${own}.${part}`))]));
    const referring = (value: Json) => referringTo(value, own, names);
    for (const [part, inner] of parts) this.#schemas.set(names.get(part) ?? part, objectOf(referring(inner)));
    this.#schemas.set(own, objectOf(referring(rest)));
    return { $ref: `#/components/schemas/${own}` };
  }

  /** All of them by name, in the order of their names. */
  all(): JsonObject {
    return Object.fromEntries([...this.#schemas].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  #free(name: string): string {
    for (let n = 1; ; n += 1) {
      const free = n === 1 ? name : `${name}-${n}`;
      if (!this.#schemas.has(free)) return free;
    }
  }
}

/** A name as documents allow it. */
export const componentName = (name: string): string => name.replaceAll(/[^A-Za-z0-9._-]+/g, "-") || "schema";

const objectOf = (value: Json | undefined): JsonObject =>
  value !== undefined && isJsonObject(value) ? value : {};

/** A part of a schema, whose references name where the schema stands now. */
function referringTo(value: Json, own: string, names: ReadonlyMap<string, string>): Json {
  if (Array.isArray(value)) return value.map((item) => referringTo(item as Json, own, names));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => {
    if (key !== "$ref" || typeof inner !== "string") return [key, referringTo(inner, own, names)];
    const [, part] = BELOW.exec(inner) ?? [];
    const name = inner === "#" ? own : part === undefined ? undefined : names.get(part);
    return [key, name === undefined ? inner : `#/components/schemas/${name}`];
  });
  return Object.fromEntries(entries);
}

/** What a schema takes, as JSON Schema; what that has no words for is any value. */
export function jsonSchemaOf(schema: StandardSchemaV1, draft: SchemaDraft): JsonObject {
  const standard: Partial<StandardJSONSchemaV1.Props> = schema["~standard"];
  try {
    const said = standard.jsonSchema?.input({ target: draft });
    if (said !== undefined) return said as JsonObject; // JSON, by the specification
  } catch {
    // It has no words for a part of it.
  }
  if (!("_zod" in schema)) return {};
  // What has `_zod` is a schema of zod, of the whole or of its smaller part.
  const written = z.toJSONSchema(schema as unknown as z.core.$ZodType, {
    target: draft === "draft-07" ? "draft-7" : draft,
    unrepresentable: "any",
    io: "input",
  });
  return JSON.parse(JSON.stringify(written)) as JsonObject;
}
