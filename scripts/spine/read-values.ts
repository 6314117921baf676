import { isSpineError } from "#core/errors.ts";
import { isSpeakable, parseSessionId, UNSPEAKABLE_PROBLEM } from "#core/ids.ts";
import { formProblem } from "#core/json-form.ts";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import { UsageError } from "#client/usage-error.ts";

/** A JSON value of the command line. */
export function readJson(field: string, text: string): Json {
  let parsed: Json;
  try {
    // Whatever parses is JSON.
    parsed = JSON.parse(text) as Json;
  } catch (cause) {
    throw new UsageError(`${field}: not valid JSON. Give it in single quotes: '{"text": "…"}'`, {
      cause,
    });
  }
  // Sent on, it would be another number: the spine could not know.
  const lost = formProblem(parsed, field);
  if (lost === undefined) return parsed;
  throw new UsageError(`${lost.field}: ${lost.problem}. ${lost.repair}`);
}

export function readObject(field: string, text: string): JsonObject {
  const value = readJson(field, text);
  if (isJsonObject(value)) return value;
  throw new UsageError(`${field}: not a JSON object. Give it in single quotes: '{"who": "Ada"}'`);
}

/** JSON where it looks like it, else the text itself: a person may answer with a word. */
export function readAnswer(field: string, text: string): Json {
  if (/^\s*[[{"]/.test(text)) return readJson(field, text);
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  return readJson(field, text);
}

export function readWhole(field: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`${field}: "${text}" is not a whole number. Give 0 or more.`);
}

const MAX_PORT = 65_535;

/** A port to listen on; 0 is any free one. */
export function readPort(field: string, text: string): number {
  const port = readWhole(field, text);
  if (port <= MAX_PORT) return port;
  throw new UsageError(`${field}: "${text}" is not a port. Give a whole number from 0 to ${MAX_PORT}.`);
}

/** A session's id, before it becomes part of an address. */
export function readSession(field: string, text: string): string {
  try {
    return parseSessionId(text);
  } catch (cause) {
    const repair = isSpineError(cause) ? (cause.problems[0]?.repair ?? "") : "";
    throw new UsageError(`${field}: ${JSON.stringify(text)} is not a session id. ${repair}`, { cause });
  }
}

/** An id that the user gives. */
export function readId(field: string, text: string): string {
  if (text !== "" && isSpeakable(text)) return text;
  const { problem, repair } =
    text === "" ? { problem: "is empty", repair: "Give one." } : UNSPEAKABLE_PROBLEM;
  throw new UsageError(`${field}: ${problem}. ${repair}`);
}

/** Why an operator does something: it is kept with who did. */
export function readReason(text: string | undefined, repair: string): string {
  if (text !== undefined && text.trim() !== "") return text;
  throw new UsageError(`--reason: is missing. ${repair}`);
}
