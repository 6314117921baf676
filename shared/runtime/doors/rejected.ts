import { SpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import type { Told as ToldOf } from "#core/session/decide/verdict.ts";
import { NOBODY } from "#core/session/signal/task-signal.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { readCommit } from "../session/read-commit.ts";

/** What the sender of an event or a signal is told of it. */
export interface Told {
  readonly disposition: ToldOf;
  /** Why it was rejected, where no flow did so, or why a signal reaches nobody. */
  readonly reason?: string;
}

/** Whether a run will reply to it; what else is taken is part of runs that reply to others. */
export const willBeAnswered = ({ disposition }: Told): boolean =>
  disposition === "triggers" || disposition === "held";

/** An event that is in the log, but that nothing takes now. Its producer is told, also when it asks again. */
export function rejectedAt(sequence: number, reason?: string): SpineError {
  const why = reason ?? "its flow rejects new events while the session is busy";
  const when = reason === undefined ? "when the run has ended" : "when a step has taken a kept event";
  return new SpineError(
    "input.rejected",
    `The event is recorded at sequence ${sequence}, but ${why}. Send it again ${when}, under another id.`,
    { details: { sequence } },
  );
}

/** What became of the event or the signal at a sequence: whoever committed it may have died before it told anybody. */
export async function toldAt(log: SessionLog, key: SessionKey, sequence: number): Promise<Told | undefined> {
  const stored = (await log.readUpTo(key, sequence)).at(-1);
  const event = stored && readCommit(log, key, stored).events.find((one) => one.sequence === sequence);
  if (event?.type === "InputHeld") return { disposition: "held" };
  if (event?.type === "TaskSignalled") return { disposition: "signalled" };
  if (event?.type === "SignalIgnored") return { disposition: "ignored", reason: NOBODY };
  if (event?.type !== "InputAccepted") return undefined;
  return toldOf(event.data);
}

export const toldOf = ({ disposition, reason }: Told): Told => ({
  disposition,
  ...(reason !== undefined && { reason }),
});
