import { problemError, SpineError } from "#core/errors.ts";
import { isSpeakable, UNSPEAKABLE_PROBLEM } from "#core/ids.ts";
import { isJsonObject, utf8Length, type JsonObject } from "#core/json.ts";
import { MAX_INPUT_BYTES } from "#core/session/limits.ts";
import { parseJson } from "../session/parse-json.ts";

/** An event of spine-in. EventBridge sets its account; source, type and detail are whatever its producer says. */
export interface Envelope {
  readonly account: string;
  readonly source: string;
  readonly id: string;
  readonly detailType: string;
  /** When it was sent, as its producer may say. */
  readonly time?: string;
  readonly detail: JsonObject;
  /** All of it, as it came. */
  readonly whole: JsonObject;
}

/** The inbox carries an envelope beside the input that it became; together they must fit one message of 1 MiB. */
const MAX_ENVELOPE_BYTES = MAX_INPUT_BYTES + 64_000;

/** Reads an event of spine-in. Throws `input.malformed` or `input.too-large`. */
export function readEnvelope(body: string): Envelope {
  const bytes = utf8Length(body);
  if (bytes > MAX_ENVELOPE_BYTES) throw tooLarge(bytes);
  const whole = parseJson(body, "input.malformed");
  if (!isJsonObject(whole)) throw malformed("body", "is not an EventBridge event");
  const { account, source, id, time, detail, "detail-type": detailType } = whole;
  const texts = [account, source, id, detailType].every((value) => typeof value === "string");
  if (!texts || !isJsonObject(detail)) throw malformed("body", "is not an EventBridge event");
  for (const [field, text] of Object.entries({ account, source, id, "detail-type": detailType }))
    if (!isSpeakable(text as string))
      throw problemError("input.malformed", { field, ...UNSPEAKABLE_PROBLEM });
  const sent = typeof time === "string" ? { time } : {};
  // Each was found to be a text.
  return { account, source, id, detailType, detail, whole, ...sent } as Envelope;
}

export function malformed(field: string, problem: string): SpineError {
  const repair = 'Send {"session": "…", "type": "…", "data": …} as the detail.';
  return new SpineError("input.malformed", `${field} ${problem}.`, {
    problems: [{ field, problem, repair }],
  });
}

function tooLarge(bytes: number): SpineError {
  const problem = `has ${bytes} bytes; at most ${MAX_ENVELOPE_BYTES} are allowed`;
  const repair = "Store large values elsewhere and send a reference.";
  return new SpineError("input.too-large", `The event ${problem}. ${repair}`, {
    problems: [{ field: "body", problem, repair }],
  });
}
