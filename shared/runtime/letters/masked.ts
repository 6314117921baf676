import { isJsonObject, type Json } from "#core/json.ts";

/** What gives whoever reads it a right: tokens prove attempts, and links are signed. */
const SECRETS: readonly string[] = ["token", "viewUrl"];

/** A JSON text without its secrets; another text as it is. */
export function masked(text: string): Json {
  try {
    return mask(JSON.parse(text) as Json);
  } catch {
    return text;
  }
}

function mask(value: Json): Json {
  if (Array.isArray(value)) return value.map(mask);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, SECRETS.includes(name) ? "***" : mask(field)]),
  );
}
