import { isJsonObject, type Json, type JsonObject } from "../../json.ts";
import type { Shape } from "../shape.ts";

/** What stands at a path: one of these shapes, or nothing where there is none; undefined where anything may. */
export function shapesAt(
  shape: Shape,
  keys: readonly string[],
  root: Shape = shape,
): readonly JsonObject[] | undefined {
  if (shape === false) return [];
  if (!isJsonObject(shape ?? null)) return undefined;
  const schema = shape as JsonObject; // looked at in the line before
  const { $ref: ref } = schema;
  if (typeof ref === "string") {
    const target = resolved(ref, root);
    return target === undefined || keys.length === 0 ? undefined : shapesAt(target, keys, root);
  }
  const variants = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(variants)) {
    const found = (variants as readonly Json[]).map((one) => shapesAt(one, keys, root));
    return found.some((one) => one === undefined) ? undefined : found.flatMap((one) => one ?? []);
  }
  const [key, ...rest] = keys;
  if (key === undefined) return [schema];
  if (schema["type"] !== undefined && schema["type"] !== "object")
    return Array.isArray(schema["type"]) ? undefined : [];
  const { properties } = schema;
  if (isJsonObject(properties) && Object.hasOwn(properties, key))
    return shapesAt(properties[key], rest, root);
  const others = schema["additionalProperties"];
  return schema["type"] === undefined ? undefined : shapesAt(others ?? true, rest, root);
}

/** The fields that are named at a path. */
export function fieldsAt(shape: Shape, keys: readonly string[]): readonly string[] {
  const names = (shapesAt(shape, keys) ?? []).flatMap(({ properties }) =>
    isJsonObject(properties) ? Object.keys(properties) : [],
  );
  return [...new Set(names)];
}

/** A shape that this value has, and others of its fields. */
export function shapeOfValue(value: Json): Shape {
  if (value === null) return { type: "null" };
  if (Array.isArray(value)) return { type: "array" };
  if (!isJsonObject(value)) return { type: typeof value };
  const properties = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, shapeOfValue(item) ?? true]),
  );
  return { type: "object", properties, additionalProperties: false };
}

function resolved(ref: string, root: Shape): Shape {
  if (ref === "#") return root;
  const [, name] = /^#\/\$defs\/([^/]+)$/.exec(ref) ?? [];
  const definitions = isJsonObject(root ?? null) ? (root as JsonObject)["$defs"] : undefined; // looked at before
  return name !== undefined && isJsonObject(definitions) ? definitions[name] : undefined;
}
