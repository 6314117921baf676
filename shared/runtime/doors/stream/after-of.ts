import { SpineError } from "#core/errors.ts";
import type { HttpRequest } from "../http/http-message.ts";
import { parseSequence, sequenceIn } from "../http/sequence-in.ts";

/**
 * The event after which a stream begins: the last one that the reader got, as EventSource sends it when it resumes, and else what the
 * address says. Throws `input.malformed` for what is no sequence.
 */
export function afterOf(request: HttpRequest): number {
  const last = request.headers["last-event-id"];
  // EventSource sends none, or an empty one, before it got an event.
  if (last !== undefined && last !== "") return parseSequence(last, "last-event-id");
  return sequenceIn(request, "after") ?? 0;
}

const READER = /^[\w-]{1,64}$/;

/**
 * The name that a reader gives itself, of those of its tenant: its next stream takes over from the one before. Throws
 * `input.malformed` for what is no name.
 */
export function readerOf({ query }: HttpRequest): string | undefined {
  const { reader } = query;
  if (reader === undefined || READER.test(reader)) return reader;
  const problem = `"${reader}" is not a reader's name`;
  const repair = "Use 1 to 64 letters, digits, _ and -.";
  throw new SpineError("input.malformed", `reader: ${problem}. ${repair}`, {
    problems: [{ field: "reader", problem, repair }],
  });
}
