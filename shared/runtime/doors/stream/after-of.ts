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
