import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { isJsonObject, type Json } from "./json.ts";

/**
 * The part of JSON Schema (2020-12) that says what a schema of zod takes, and what it makes of it: a field that `properties` does not
 * name is left out where nothing is said of `additionalProperties`. Lengths count code points, and a pattern is one without
 * flags.
 */
export interface JsonSchema {
  readonly type?: "string" | "number" | "integer" | "boolean" | "null" | "array" | "object";
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly not?: Readonly<Record<string, never>>;
  /** The first that fits. */
  readonly anyOf?: readonly JsonSchema[];
  /** Further patterns of the same text. */
  readonly allOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly items?: JsonSchema | false;
  readonly prefixItems?: readonly JsonSchema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema | false;
}

export const DEFINED = "#/$defs/";

interface Issue {
  readonly path: readonly string[];
  readonly message: string;
  /** What a constant should have been: of a union's members it tells which is meant. */
  readonly wanted?: Json;
}

/** Checks JSON by a schema that is data, and gives back what the schema of zod that it was written from would. */
export function schemaOfJson(root: JsonSchema): StandardSchemaV1<unknown, Json> & StandardJSONSchemaV1 {
  const self = () => root as Record<string, unknown>;
  return {
    "~standard": {
      version: 1,
      vendor: "event-spine",
      jsonSchema: { input: self, output: self },
      validate: (given) => {
        const issues: Issue[] = [];
        // The doors look at what was read from JSON, or was found to be it.
        const value = read(given as Json, root, [], { defs: root.$defs ?? {}, issues });
        return issues.length === 0 ? { value } : { issues };
      },
    },
  };
}

interface Look {
  readonly defs: Readonly<Record<string, JsonSchema>>;
  readonly issues: Issue[];
}

function read(value: Json, schema: JsonSchema, path: readonly string[], look: Look): Json {
  const { $ref, anyOf, type } = schema;
  const defined = $ref === undefined ? undefined : look.defs[$ref.slice(DEFINED.length)];
  if (defined !== undefined) return read(value, defined, path, look);
  if (anyOf !== undefined) return readAny(value, anyOf, path, look);
  const refuse = (message: string, wanted?: Json) => {
    look.issues.push({ path, message, ...(wanted !== undefined && { wanted }) });
    return value;
  };
  if (schema.not !== undefined) return refuse("Invalid input: expected never");
  if (schema.const !== undefined && value !== schema.const)
    return refuse(`Invalid input: expected ${JSON.stringify(schema.const)}`, schema.const);
  if (schema.enum?.includes(value) === false) return refuse(oneOf(schema.enum));
  if (type !== undefined && !isOf(value, type)) return refuse(expected(type, value));
  if (type === "array") return readItems(value as readonly Json[], schema, path, look);
  if (type === "object" && isJsonObject(value)) return readFields(value, schema, path, look);
  for (const problem of [schema, ...(schema.allOf ?? [])].flatMap((rules) => rulesBroken(value, rules)))
    refuse(problem);
  return value;
}

const oneOf = (values: readonly Json[]): string =>
  `Invalid option: expected one of ${values.map((one) => JSON.stringify(one)).join("|")}`;

const expected = (what: string, value: Json | undefined): string =>
  `Invalid input: expected ${what}, received ${kindOf(value)}`;

const kindOf = (value: Json | undefined): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value;

const isOf = (value: Json, type: NonNullable<JsonSchema["type"]>): boolean =>
  type === "integer" ? Number.isInteger(value) : kindOf(value) === type;

/** Rules of texts and numbers; each passes over what it does not speak of. */
function rulesBroken(value: Json, rules: JsonSchema): readonly string[] {
  if (typeof value === "string") {
    const { pattern } = rules;
    const fits = pattern === undefined || new RegExp(pattern).test(value);
    return [
      ...lengthBroken("string", "characters", [...value].length, rules.minLength, rules.maxLength),
      ...(fits ? [] : [`Invalid string: must match pattern /${pattern}/`]),
    ];
  }
  if (typeof value !== "number") return [];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = rules;
  const broken = [];
  if (minimum !== undefined && value < minimum) broken.push(`small: expected number to be >=${minimum}`);
  if (maximum !== undefined && value > maximum) broken.push(`big: expected number to be <=${maximum}`);
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
    broken.push(`small: expected number to be >${exclusiveMinimum}`);
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
    broken.push(`big: expected number to be <${exclusiveMaximum}`);
  return broken.map((text) => `Too ${text}`);
}

function lengthBroken(what: string, unit: string, length: number, least = 0, most = Infinity): string[] {
  if (length < least) return [`Too small: expected ${what} to have >=${least} ${unit}`];
  return length > most ? [`Too big: expected ${what} to have <=${most} ${unit}`] : [];
}

function readItems(value: readonly Json[], schema: JsonSchema, path: readonly string[], look: Look): Json {
  const { items = {}, prefixItems = [] } = schema;
  const broken = lengthBroken("array", "items", value.length, schema.minItems, schema.maxItems);
  for (const message of broken) look.issues.push({ path, message });
  return value.map((item, at) => {
    const rules = prefixItems[at] ?? items;
    // One too many is told of the list.
    return rules === false ? item : read(item, rules, [...path, String(at)], look);
  });
}

function readFields(
  value: Readonly<Record<string, Json>>,
  schema: JsonSchema,
  path: readonly string[],
  look: Look,
): Json {
  const { properties = {}, required = [], propertyNames, additionalProperties } = schema;
  for (const key of required) {
    if (Object.hasOwn(value, key)) continue;
    const { type = "nonoptional" } = properties[key] ?? {};
    look.issues.push({ path: [...path, key], message: expected(type, undefined) });
  }
  const named = Object.keys(properties).filter((key) => Object.hasOwn(value, key));
  const others = Object.keys(value).filter((key) => !Object.hasOwn(properties, key));
  const kept: [string, Json][] = named.map((key) => [
    key,
    // Both were found just before.
    read(value[key] as Json, properties[key] as JsonSchema, [...path, key], look),
  ]);
  if (additionalProperties === undefined) return Object.fromEntries(kept);
  if (additionalProperties === false) {
    for (const key of others) look.issues.push({ path: [...path, key], message: "Unrecognized key" });
    return Object.fromEntries(kept);
  }
  for (const key of others) {
    // zod leaves it out wherever it may.
    if (key === "__proto__") continue;
    if (propertyNames !== undefined) read(key, propertyNames, [...path, key], look);
    kept.push([key, read(value[key] as Json, additionalProperties, [...path, key], look)]);
  }
  return Object.fromEntries(kept);
}

/** Where none fits, says what is wrong with the one that the value's constants speak for. */
function readAny(value: Json, members: readonly JsonSchema[], path: readonly string[], look: Look): Json {
  const tried: (readonly Issue[])[] = [];
  for (const member of members) {
    const issues: Issue[] = [];
    const made = read(value, member, path, { ...look, issues });
    if (issues.length === 0) return made;
    tried.push(issues);
  }
  const constants = tried.map((issues) =>
    issues.find((one) => one.wanted !== undefined && one.path.length <= path.length + 1),
  );
  const meant = tried.filter((_, at) => constants[at] === undefined);
  const [first] = constants;
  const wanted = constants.flatMap((one) => (one?.wanted === undefined ? [] : [one.wanted]));
  if (meant.length === 1) look.issues.push(...meant.flat());
  else if (first !== undefined && wanted.length === tried.length)
    look.issues.push({ path: first.path, message: oneOf(wanted) });
  else look.issues.push({ path, message: `Invalid input: matches none of ${members.length} alternatives` });
  return value;
}
