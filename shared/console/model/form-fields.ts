import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";

/** One field of an answer, as its schema describes it. */
export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly kind: "text" | "number" | "boolean" | "choice" | "json";
  readonly isRequired: boolean;
  readonly choices: readonly string[];
  readonly about?: string;
}

/** The fields of a form for a JSON Schema of an object; nothing where it is no flat object: then the answer is written as JSON. */
export function fieldsOf(schema: Json | undefined): readonly FormField[] | undefined {
  if (!isJsonObject(schema) || !isJsonObject(schema["properties"])) return undefined;
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(schema["properties"]).map(([name, property]) => ({
    name,
    label: textAt(property, "title") ?? name,
    kind: kindOf(property),
    isRequired: required.includes(name),
    choices: choicesOf(property),
    ...(textAt(property, "description") !== undefined && { about: textAt(property, "description") ?? "" }),
  }));
}

const textAt = (schema: Json, field: string): string | undefined => {
  const text = isJsonObject(schema) ? schema[field] : undefined;
  return typeof text === "string" ? text : undefined;
};

function choicesOf(schema: Json): readonly string[] {
  if (!isJsonObject(schema)) return [];
  const named = schema["enum"] ?? [];
  const texts = Array.isArray(named) ? named.filter((one) => typeof one === "string") : [];
  if (texts.length > 0) return texts.map((one) => String(one));
  const variants = schema["anyOf"] ?? schema["oneOf"] ?? [];
  const constants = Array.isArray(variants)
    ? variants.flatMap((one: Json) => textAt(one, "const") ?? [])
    : [];
  return constants.length > 0 ? constants : typeof schema["const"] === "string" ? [schema["const"]] : [];
}

function kindOf(schema: Json): FormField["kind"] {
  if (choicesOf(schema).length > 0) return "choice";
  const type = textAt(schema, "type");
  if (type === "string") return "text";
  if (type === "number" || type === "integer") return "number";
  return type === "boolean" ? "boolean" : "json";
}

/** What a form says: the value to send, or what is wrong with which field. */
export type FormValue =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly field: string; readonly problem: string };

/** Reads a filled-in form. Empty fields that need not be filled in are left out. */
export function formValue(fields: readonly FormField[], given: Readonly<Record<string, string>>): FormValue {
  const value: Record<string, Json> = {};
  for (const { name, label, kind, isRequired } of fields) {
    const text = given[name] ?? "";
    if (text === "" && kind !== "boolean") {
      if (isRequired) return { ok: false, field: name, problem: `${label} is missing.` };
      continue;
    }
    const read = readField(kind, text);
    if (read === undefined)
      return { ok: false, field: name, problem: `${label} is no ${kind === "json" ? "JSON" : kind}.` };
    value[name] = read;
  }
  return { ok: true, value: value as JsonObject };
}

function readField(kind: FormField["kind"], text: string): Json | undefined {
  if (kind === "number") return text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
  if (kind === "boolean") return text === "true";
  if (kind !== "json") return text;
  return parsedJson(text);
}

/** The value of a text that is JSON. */
export function parsedJson(text: string): Json | undefined {
  try {
    // What JSON.parse gives is JSON.
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
