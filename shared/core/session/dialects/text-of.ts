import { isJsonObject, type Json } from "../../json.ts";

/** What people read of a value: itself where it is a text, else its field `text`. None where that is empty or no text. */
export function textOf(value: Json | undefined): string | undefined {
  const text = isJsonObject(value) ? value["text"] : value;
  return typeof text === "string" && text !== "" ? text : undefined;
}
