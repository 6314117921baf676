import type { SentInput } from "./dump.ts";
import type { Finding } from "./log-finding.ts";
import type { LoggedEvent, LoggedSession } from "./read-session.ts";
import { sameWhereShown } from "./same-where-shown.ts";

/** Whether everything that was sent is in the log as it was sent, where its producer was told, and came to its end. */
export function checkLost(sent: readonly SentInput[], session: LoggedSession): readonly Finding[] {
  const inputs = new Map<string, SentInput[]>();
  for (const sending of sent) {
    const key = JSON.stringify([sending.source, sending.id]);
    inputs.set(key, [...(inputs.get(key) ?? []), sending]);
  }
  return [...inputs.values()].flatMap((sendings) => {
    const problem = problemWith(sendings, session);
    const name = sendings.map(({ source, id }) => `input "${id}" of ${source}`)[0];
    return problem === undefined ? [] : [{ type: "lost", session: session.name, text: `${name} ${problem}` }];
  });
}

/** Sent twice, an input may have been taken once and refused once: it is in the log then. */
function problemWith(sendings: readonly SentInput[], { events }: LoggedSession): string | undefined {
  if (sendings.every(({ answer }) => answer !== undefined && "refused" in answer)) return undefined;
  const told = sendings.flatMap((one) =>
    one.answer && "sequence" in one.answer ? [one.answer.sequence] : [],
  );
  for (const place of new Set(told)) {
    const event = events.find(({ sequence }) => sequence === place);
    if (!event || !sendings.every((sending) => holds(event, sending)))
      return `is not at ${place} as it was sent`;
  }
  const taken = events.filter((event) => sendings.some((sending) => holds(event, sending)));
  if (taken.length === 0) return "is not in the log";
  const unserved = taken.find((event) => !wasServed(event, events));
  return unserved && `is at ${unserved.sequence} and was never finished`;
}

function holds({ type, data }: LoggedEvent, sending: SentInput): boolean {
  if (type !== "InputAccepted" && type !== "InputHeld") return false;
  const { source, id, type: kind, data: body } = data["input"] as Readonly<Record<string, unknown>>;
  return (
    source === sending.source &&
    id === sending.id &&
    kind === sending.type &&
    sameWhereShown(body, sending.data)
  );
}

/**
 * An input that starts runs is served when each has ended and was replied to; one that is kept when a wait took it, or that no
 * wait did is recorded; any other at once.
 */
function wasServed(accepted: LoggedEvent, events: readonly LoggedEvent[]): boolean {
  const disposition = dispositionOf(accepted, events);
  if (disposition === undefined) return false;
  if (disposition === "kept") return wasKept(accepted.sequence, events);
  if (disposition !== "triggers") return true;
  const runs = events.filter(
    ({ type, data }) => type === "RunQueued" && data["trigger"] === accepted.sequence,
  );
  return runs.length > 0 && runs.every(({ data }) => hasEnded(data["run"], events));
}

function dispositionOf({ type, data }: LoggedEvent, events: readonly LoggedEvent[]): unknown {
  if (type === "InputAccepted") return data["disposition"];
  const { source, ordinal } = data["input"] as Readonly<Record<string, unknown>>;
  return events.find(
    (event) =>
      event.type === "InputReleased" && event.data["source"] === source && event.data["ordinal"] === ordinal,
  )?.data["disposition"];
}

function wasKept(sequence: number, events: readonly LoggedEvent[]): boolean {
  const own = events.filter(({ data }) => data["event"] === sequence).map(({ type }) => type);
  return own.includes("EventKept") && (own.includes("KeptEventTaken") || own.includes("KeptEventDropped"));
}

const ENDS = ["RunCompleted", "RunFailed", "RunCancelled"];

/** A run that was cancelled before it began has nobody to reply to. */
function hasEnded(run: unknown, events: readonly LoggedEvent[]): boolean {
  const own = events.filter(({ data }) => data["run"] === run).map(({ type }) => type);
  return (
    own.some((type) => ENDS.includes(type)) && (own.includes("ReplySent") || !own.includes("RunStarted"))
  );
}
