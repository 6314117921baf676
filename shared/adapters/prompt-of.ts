import { isJsonObject, type Json } from "#core/json.ts";
import { approvalSection } from "./interruption.ts";

const TEXTS = ["text", "prompt", "message", "question"];

/** What a view asks, as one text: its `input` where that is all there is and has one text, and otherwise all of it as JSON. */
export function promptOf(view: unknown, section: string): string {
  if (!isJsonObject(view)) return JSON.stringify(view);
  const own = [section, approvalSection(section)];
  const read = Object.entries(view).filter(([name]) => !own.includes(name));
  const [only] = read;
  const text = read.length === 1 && only?.[0] === "input" ? textIn(only[1]) : undefined;
  return text ?? JSON.stringify(Object.fromEntries(read));
}

function textIn(input: Json): string | undefined {
  if (typeof input === "string") return input;
  if (!isJsonObject(input)) return undefined;
  const [field, ...more] = Object.entries(input);
  if (field === undefined || more.length > 0) return undefined;
  const [name, value] = field;
  return TEXTS.includes(name) && typeof value === "string" ? value : undefined;
}
