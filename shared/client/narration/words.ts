import { isJsonObject, type Json } from "#core/json.ts";
import { printable } from "../printable.ts";

const MAX_VALUE = 90;

/** A text on one line, of what a terminal only shows, cut where it is too long. */
export function short(text: string, most = MAX_VALUE): string {
  const line = printable(text.replaceAll(/\s+/g, " ").trim());
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}

/** A value as a person reads it: a text alone in its object in quotes, anything else as terse JSON. */
export function valueText(value: Json | undefined, most = MAX_VALUE): string {
  if (value === undefined) return "nothing";
  if (isJsonObject(value) && typeof value["text"] === "string") return `"${short(value["text"], most)}"`;
  return short(terse(value), most);
}

function terse(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item) => terse(item as Json)).join(", ")}]`;
  if (!isJsonObject(value)) return typeof value === "string" ? `"${value}"` : JSON.stringify(value);
  const fields = Object.entries(value).map(([name, inner]) => `${name}: ${terse(inner)}`);
  return `{${fields.join(", ")}}`;
}

export const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;

/** Breaks a text at words, at most `lines` lines of `width`. */
export function wrap(text: string, width: number, lines: number): readonly string[] {
  const out: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      out.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  out.push(line);
  const kept = out.slice(0, lines).map((one) => (one.length > width ? `${one.slice(0, width - 1)}…` : one));
  const last = kept.at(-1);
  return out.length > lines && last !== undefined
    ? [...kept.slice(0, -1), `${last.slice(0, width - 1)}…`]
    : kept;
}
