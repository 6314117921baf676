import { isJsonObject, type Json } from "#core/json.ts";
import { ownView } from "./own-view.ts";

const TEXTS = ["text", "prompt", "message", "question"];

/** What a view asks, as one text: its `input` where that is all there is and has one text, and otherwise all of it as JSON. */
export function promptOf(view: unknown, section: string): string {
  const read = ownView(view, section);
  const [only, ...more] = isJsonObject(read) ? Object.entries(read) : [];
  const text = only?.[0] === "input" && more.length === 0 ? textIn(only[1]) : undefined;
  return text ?? JSON.stringify(read);
}

function textIn(input: Json): string | undefined {
  if (typeof input === "string") return input;
  if (!isJsonObject(input)) return undefined;
  const [field, ...more] = Object.entries(input);
  if (field === undefined || more.length > 0) return undefined;
  const [name, value] = field;
  return TEXTS.includes(name) && typeof value === "string" ? value : undefined;
}
