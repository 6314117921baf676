import { SpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import type { Disposition } from "#core/session/events.ts";
import type { SessionLog } from "#ports/session-log.ts";

/** What an event's sender is told of it. */
export interface Told {
  readonly disposition: Disposition | "held";
  /** Why it was rejected, where no flow did so. */
  readonly reason?: string;
}

const BUSY = "its flow takes none while the session is busy";

/** An event that is in the log, but that nothing takes now. Its producer is told, also when it asks again. */
export const rejectedAt = (sequence: number, reason = BUSY): SpineError =>
  new SpineError(
    "input.rejected",
    `The event is recorded at sequence ${sequence}, but ${reason}. Send it again when the run has ended, under another id.`,
    { details: { sequence } },
  );

/** What became of the event at a sequence: whoever committed it may have died before it told anybody. */
export async function toldAt(log: SessionLog, key: SessionKey, sequence: number): Promise<Told | undefined> {
  const stored = (await log.readUpTo(key, sequence)).at(-1);
  const event = stored && parseCommit(key, stored).events.find((one) => one.sequence === sequence);
  if (event?.type === "InputHeld") return { disposition: "held" };
  if (event?.type !== "InputAccepted") return undefined;
  const { disposition, reason } = event.data;
  return { disposition, ...(reason !== undefined && { reason }) };
}
