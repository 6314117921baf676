import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import { A2aError } from "./a2a-error.ts";
import type { SentPart } from "./a2a-requests.ts";
import type { TextWay } from "./a2a-skill.ts";

/** What takes the value of a message, for who sent one that does not fit. */
export interface ValueFor {
  /** In words, such as `The event MessageReceived`. */
  readonly what: string;
  readonly schema: JsonObject | undefined;
  readonly text: TextWay | undefined;
}

/**
 * The value that a message's parts make: its one part with data, its texts, or data with the texts in their field. Throws `A2aError` for
 * parts that make none.
 */
export function valueOf(parts: readonly SentPart[], { what, schema, text: way }: ValueFor): Json {
  if (parts.some(({ raw, url }) => isGiven(raw) || isGiven(url)))
    throw new A2aError(
      "CONTENT_TYPE_NOT_SUPPORTED",
      `${what} takes data and texts, not files. Store the file elsewhere and send its address as data.`,
      "message.parts",
    );
  // An empty field beside a text is none.
  const data = parts.flatMap(({ data: given, text }) =>
    given === undefined || (given === null && isGiven(text)) ? [] : [given],
  );
  const texts = parts.flatMap((part) => (isGiven(part.text) ? [part.text] : []));
  const [value] = data;
  if (data.length > 1) throw refused(`${what} takes one part with data, not ${data.length}.`);
  if (texts.length === 0) {
    if (value === undefined)
      throw refused(`${what} takes a part with data or a text; the message has neither.`);
    return value;
  }
  const text = texts.join("\n");
  if (way === undefined)
    throw refused(`${what} takes no text. Send data that fits ${JSON.stringify(schema)}.`);
  if (way.type === "whole") {
    if (value !== undefined) throw refused(`${what} takes a text alone; the message has data beside it.`);
    return text;
  }
  if (value === undefined) return { [way.field]: text };
  if (!isJsonObject(value) || way.field in value)
    throw refused(`${what} takes a text beside data only where the data has no "${way.field}" of its own.`);
  return { ...value, [way.field]: text };
}

const isGiven = <T>(value: T): value is NonNullable<T> => value !== undefined && value !== null;

const refused = (message: string): A2aError => new A2aError("INVALID_PARAMS", message, "message.parts");
