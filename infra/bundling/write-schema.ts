import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { core } from "zod";
import { DEFINED, type JsonSchema } from "#core/json-schema.ts";

/** A schema as data, or the first part of it that data cannot say. */
export type WrittenSchema =
  { readonly schema: JsonSchema } | { readonly field: string; readonly problem: string };

/**
 * Writes a schema of zod, of the whole or of `zod/mini`, as JSON Schema that takes the very same values of JSON and makes the same
 * of them (`schemaOfJson`). What is not known to be the same is no part of it: code (refinements, transforms, defaults, coercion),
 * patterns with flags, and schemas of other libraries.
 */
export function writeSchema(schema: StandardSchemaV1): WrittenSchema {
  if (!isZod(schema)) return { field: "", problem: "is not a schema of zod 4" };
  const writing: Writing = { path: [], within: [], names: new Map() };
  try {
    const written = write(schema, writing);
    const { names } = writing;
    if (names.size === 0) return { schema: written };
    const $defs = Object.fromEntries([...names.values()].map(({ name, written: of = {} }) => [name, of]));
    return { schema: { ...written, $defs } };
  } catch (error) {
    if (error instanceof Unsaid) return { field: error.field, problem: error.problem };
    throw error;
  }
}

const isZod = (schema: object): schema is core.$ZodType => {
  const { _zod: inner } = schema as { readonly _zod?: { readonly version?: { readonly major?: number } } };
  return inner?.version?.major === 4;
};

/** Where the writer is, and what it is inside of: a schema that holds itself is named. */
interface Writing {
  readonly path: readonly string[];
  readonly within: readonly core.$ZodType[];
  readonly names: Map<core.$ZodType, { readonly name: string; written?: JsonSchema }>;
}

class Unsaid extends Error {
  readonly field: string;
  readonly problem: string;
  constructor({ path }: Writing, problem: string) {
    super(problem);
    this.field = path.join(".");
    this.problem = problem;
  }
}

/** `_zod.def` is what zod documents for those who read its schemas. */
const typeOf = (schema: core.$ZodType): core.$ZodTypes => schema as core.$ZodTypes;

function write(schema: core.$ZodType, writing: Writing): JsonSchema {
  const { names, within } = writing;
  if (within.includes(schema)) {
    const known = names.get(schema) ?? { name: `schema${names.size}` };
    names.set(schema, known);
    return { $ref: DEFINED + known.name };
  }
  const written = writeType(schema, { ...writing, within: [...within, schema] });
  const named = names.get(schema);
  if (named === undefined) return written;
  named.written = written;
  return { $ref: DEFINED + named.name };
}

type Check = core.$ZodChecks["_zod"]["def"];

const NO_CHECKS: readonly string[] = ["describe", "meta"];

const checksOf = ({ checks = [] }: core.$ZodTypeDef): readonly Check[] =>
  checks.map(({ _zod }) => _zod.def as Check).filter(({ check }) => !NO_CHECKS.includes(check));

function writeType(schema: core.$ZodType, writing: Writing): JsonSchema {
  const { def } = typeOf(schema)._zod;
  const unsaid = (problem: string) => new Unsaid(writing, problem);
  const inner = (of: core.$ZodType, ...names: readonly string[]) =>
    write(of, { ...writing, path: [...writing.path, ...names] });
  if ("coerce" in def && def.coerce === true) throw unsaid("is coerced");
  // A format is a check and a type in one.
  const own = "check" in def ? [schema as unknown as core.$ZodCheck] : [];
  const rules = checksOf({ ...def, checks: [...own, ...(def.checks ?? [])] });
  const [unknown] = rules.filter(({ check }) => !(CHECKED[def.type] ?? []).includes(check));
  if (unknown !== undefined)
    throw unsaid(WHY[unknown.check] ?? `has a check, ${unknown.check}, that runs code`);
  switch (def.type) {
    case "string":
      return joined(
        { type: "string" },
        rules.map((rule) => textRule(rule, writing)),
      );
    case "number":
      return joined({ type: "number" }, rules.flatMap(numberRules));
    case "boolean":
    case "null":
      return { type: def.type };
    case "any":
    case "unknown":
      return {};
    case "never":
      return { not: {} };
    case "enum":
      return { enum: [...((schema as core.$ZodEnum)._zod.values as ReadonlySet<string | number>)] };
    case "literal":
      return constants(def.values, writing);
    case "array":
      return joined({ type: "array", items: inner(def.element, "[]") }, rules.map(itemsRule));
    case "tuple":
      return tuple(def, inner, unsaid);
    case "object":
      return object(def, inner, unsaid);
    case "record":
      return record(def, inner, unsaid);
    case "union":
      // At most one member of a discriminated union fits.
      if (def.inclusive === false && !("discriminator" in def)) throw unsaid("is an exclusive union");
      return { anyOf: def.options.map((option) => inner(option)) };
    case "nullable":
      return { anyOf: [inner(def.innerType), { type: "null" }] };
    case "readonly":
      return inner(def.innerType);
    case "lazy":
      return inner(def.getter());
    case "optional":
      throw unsaid("may be undefined, which JSON allows only for fields");
    default:
      throw unsaid(WHY[def.type] ?? `is of the type ${def.type}`);
  }
}

const LENGTHS = ["min_length", "max_length", "length_equals"];

/** Checks that data says, by type; what looks at a text stands on its pattern alone. */
const CHECKED: Readonly<Partial<Record<string, readonly string[]>>> = {
  string: [...LENGTHS, "string_format"],
  number: ["greater_than", "less_than", "number_format"],
  array: LENGTHS,
};

const WHY: Readonly<Partial<Record<string, string>>> = {
  custom: "has a refinement",
  overwrite: "is overwritten (trimmed, lower-cased …)",
  multiple_of: "has multipleOf",
  transform: "is transformed",
  pipe: "is transformed",
  default: "has a default",
  prefault: "has a default",
  catch: "has a catch value",
  intersection: "is an intersection",
};

/** Formats that are checked by a pattern and nothing else. */
const FORMATS = new Set(
  "regex email guid uuid nanoid cuid cuid2 ulid xid ksuid datetime date time duration ipv4 cidrv4 e164 lowercase uppercase starts_with ends_with includes".split(
    " ",
  ),
);

function textRule(rule: Check, writing: Writing): JsonSchema {
  if (rule.check === "string_format") {
    const { format, pattern } = rule as core.$ZodCheckStringFormatDef;
    const placed = "position" in rule && rule.position !== undefined;
    if (pattern === undefined || placed || !FORMATS.has(format))
      throw new Unsaid(writing, `has the format ${format}, which code checks`);
    return { pattern: plainPattern(pattern, writing) };
  }
  return lengths(rule, "minLength", "maxLength");
}

/** A pattern without flags that matches the same. */
function plainPattern({ source, flags }: RegExp, writing: Writing): string {
  const unsaid = (problem: string) => new Unsaid(writing, `has a pattern ${problem}`);
  if (/[^ims]/.test(flags)) throw unsaid(`with the flag ${flags.replaceAll(/[ims]/g, "")}`);
  const plain = flags === "" ? source : `(?${flags}:${source})`;
  try {
    // Schemas that are stored with flows are read as JSON Schema wants it.
    new RegExp(plain, "u");
  } catch {
    throw unsaid("that is invalid with the flag u");
  }
  return plain;
}

function itemsRule(rule: Check): JsonSchema {
  return lengths(rule, "minItems", "maxItems");
}

type Least = "minLength" | "minItems";
type Most = "maxLength" | "maxItems";

function lengths(rule: Check, least: Least, most: Most): JsonSchema {
  if (rule.check === "min_length") return { [least]: rule.minimum };
  if (rule.check === "max_length") return { [most]: rule.maximum };
  const { length } = rule as core.$ZodCheckLengthEqualsDef;
  return { [least]: length, [most]: length };
}

function numberRules(rule: Check): readonly JsonSchema[] {
  if (rule.check === "greater_than")
    return [{ [rule.inclusive ? "minimum" : "exclusiveMinimum"]: Number(rule.value) }];
  if (rule.check === "less_than")
    return [{ [rule.inclusive ? "maximum" : "exclusiveMaximum"]: Number(rule.value) }];
  const { format } = rule as core.$ZodCheckNumberFormatDef;
  const range = RANGES[format];
  return [
    { ...(format.includes("int") && { type: "integer" as const }), minimum: range[0], maximum: range[1] },
  ];
}

const FLOAT32 = 3.4028234663852886e38;
const RANGES: Readonly<Record<core.$ZodNumberFormats, readonly [number, number]>> = {
  safeint: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  float32: [-FLOAT32, FLOAT32],
  float64: [-Number.MAX_VALUE, Number.MAX_VALUE],
};

/** Rules as one schema: the tightest of each kind, and all patterns. */
function joined(type: JsonSchema, rules: readonly JsonSchema[]): JsonSchema {
  return rules.reduce<JsonSchema>((sum, { pattern, ...rule }) => {
    const tight = Object.entries(rule).map(([key, value]) => [
      key,
      typeof value === "number" ? tightest(key, value, (sum as Record<string, number>)[key] ?? value) : value,
    ]);
    const both = { ...sum, ...(Object.fromEntries(tight) as JsonSchema) };
    if (pattern === undefined) return both;
    return sum.pattern === undefined
      ? { ...both, pattern }
      : { ...both, allOf: [...(both.allOf ?? []), { pattern }] };
  }, type);
}

const tightest = (key: string, a: number, b: number): number =>
  /^(min|exclusiveMin)/.test(key) ? Math.max(a, b) : Math.min(a, b);

function constants(values: readonly unknown[], writing: Writing): JsonSchema {
  const plain = values.filter(
    (one): one is string | number | boolean | null =>
      one === null || typeof one === "string" || typeof one === "number" || typeof one === "boolean",
  );
  const [first] = plain;
  if (plain.length !== values.length || first === undefined)
    throw new Unsaid(writing, "has a value that JSON cannot represent");
  return plain.length === 1 ? { const: first } : { enum: plain };
}

type Inner = (of: core.$ZodType, ...names: readonly string[]) => JsonSchema;
type Say = (problem: string) => Unsaid;

function tuple({ items, rest }: core.$ZodTupleDef, inner: Inner, unsaid: Say): JsonSchema {
  if (items.some(isOptional)) throw unsaid("is a tuple with optional items");
  return {
    type: "array",
    prefixItems: items.map((item, at) => inner(item, String(at))),
    items: rest === null ? false : inner(rest, "[]"),
    minItems: items.length,
    ...(rest === null && { maxItems: items.length }),
  };
}

function object({ shape, catchall }: core.$ZodObjectDef, inner: Inner, unsaid: Say): JsonSchema {
  const keys = Object.keys(shape);
  // zod finds these in every object.
  const inherited = keys.find((key) => key in Object.prototype);
  if (inherited !== undefined) throw unsaid(`has a field ${inherited}, which every object inherits`);
  const fields = Object.entries(shape);
  const required = fields.filter(([, field]) => !isOptional(field)).map(([key]) => key);
  const properties = fields.map(([key, field]) => [key, inner(unwrapped(field, unsaid), key)] as const);
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    ...(catchall !== undefined && {
      additionalProperties: typeOf(catchall)._zod.def.type === "never" ? false : inner(catchall, "*"),
    }),
  };
}

/** Of a field: that it may be missing says the object around it. */
const isOptional = (field: core.$ZodType): boolean => typeOf(field)._zod.def.type === "optional";

function unwrapped(field: core.$ZodType, unsaid: Say): core.$ZodType {
  const { def } = typeOf(field)._zod;
  if (def.type !== "optional") return field;
  if (checksOf(def).length > 0) throw unsaid("has an optional field inside a check");
  return unwrapped(def.innerType, unsaid);
}

function record(def: core.$ZodRecordDef, inner: Inner, unsaid: Say): JsonSchema {
  const { keyType, valueType } = def;
  const loose = "mode" in def && def.mode === "loose";
  if (loose || typeOf(keyType)._zod.def.type !== "string")
    throw unsaid("is a record whose keys are restricted");
  const propertyNames = inner(keyType, "*");
  const anyName = Object.keys(propertyNames).length === 1;
  return {
    type: "object",
    ...(!anyName && { propertyNames }),
    additionalProperties: inner(valueType, "*"),
  };
}
