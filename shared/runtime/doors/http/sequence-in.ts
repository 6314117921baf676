import { SpineError } from "#core/errors.ts";
import type { HttpRequest } from "./http-message.ts";

const SEQUENCE = /^\d{1,15}$/;

/** A whole number that a query gives. */
export function sequenceIn({ query }: HttpRequest, field: string): number | undefined {
  const text = query[field];
  return text === undefined ? undefined : parseSequence(text, field);
}

/** Reads a whole number. Throws `input.malformed`, naming the field. */
export function parseSequence(text: string, field: string): number {
  if (SEQUENCE.test(text)) return Number(text);
  const problem = `"${text}" is not a sequence`;
  const repair = "Give a whole number, 0 or more.";
  throw new SpineError("input.malformed", `${field}: ${problem}. ${repair}`, {
    problems: [{ field, problem, repair }],
  });
}
