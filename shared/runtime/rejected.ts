import { SpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import type { SessionLog } from "#ports/session-log.ts";

/** An event that is in the log, but whose flow takes no more of them now. Its producer is told, also when it asks again. */
export const rejectedAt = (sequence: number): SpineError =>
  new SpineError(
    "input.rejected",
    `The event is recorded at sequence ${sequence}, but its flow takes none while the session is busy. Send it again when the run has ended, under another id.`,
    { details: { sequence } },
  );

/** Whether the event that stands at a sequence was rejected: whoever committed it may have died before it told anybody. */
export async function wasRejected(log: SessionLog, key: SessionKey, sequence: number): Promise<boolean> {
  const stored = (await log.readUpTo(key, sequence)).at(-1);
  const event = stored && parseCommit(key, stored).events.find((one) => one.sequence === sequence);
  return event?.type === "InputAccepted" && event.data.disposition === "rejected";
}
