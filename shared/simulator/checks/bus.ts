import { canonicalJson } from "#core/json.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import type { BusInput } from "../observations.ts";
import type { WorldResult } from "../sim-world.ts";
import type { History } from "./history.ts";
import type { Report } from "./violation.ts";

/** What a session, or the way to it, may say of an event that came over the bus. */
const REFUSALS: ReadonlySet<string> = new Set([
  "input.conflict",
  "input.rejected",
  "input.ordinal",
  "session.stopped",
  "session.expired",
  "session.full",
]);

/**
 * Nobody waits for the answer to an event of the bus: it is in the log as it was sent, or kept as a letter that says why
 * not; and a letter is written for nothing else.
 */
export function checkBus(
  { record, events }: History,
  { refused }: Pick<WorldResult, "refused">,
  report: Report,
): void {
  const accepted = new Map<string, AcceptedData>();
  const others = new Set<string>();
  for (const event of events) {
    if (event.type === "InputAccepted") accepted.set(nameOf(event.data.input), event.data);
    else if (event.type === "InputHeld") others.add(nameOf(event.data.input));
    else if (event.type === "InputQuarantined") others.add(nameOf(event.data));
  }
  const letters = new Set<string>();
  for (const { envelope, ...input } of record.bus)
    if (refused.has(envelope) || record.kept.has(envelope)) letters.add(textOf(input));
  for (const { envelope, ...input } of record.bus) {
    const name = nameOf(input);
    // One letter speaks for all that said the same within minutes: the inbox delivers the first of them.
    const letter = letters.has(textOf(input));
    const cause = refused.get(envelope);
    const inLog = accepted.get(name);
    const same =
      inLog !== undefined && canonicalJson(inLog.input.data) === canonicalJson(input.body["data"] ?? null);
    if (!letter && !same && !others.has(name))
      report("Nothing lost", "what the bus took is in the log or a letter", `${envelope} is neither`);
    if (!letter && same && inLog.disposition === "rejected")
      report("Nothing lost", "what was rejected is a letter", `${envelope} is none`);
    if (cause !== undefined && !REFUSALS.has(cause.split(":", 1)[0] ?? ""))
      report("Nothing lost", "a refusal has its reason", `${envelope} was refused: ${cause}`);
  }
}

type Sent = Pick<BusInput, "source" | "id" | "body">;
type AcceptedData = Extract<RecordedEvent, { readonly type: "InputAccepted" }>["data"];

const nameOf = ({ source, id }: Pick<Sent, "source" | "id">): string => `${source} ${id}`;
const textOf = (sent: Sent): string => `${nameOf(sent)} ${canonicalJson(sent.body)}`;
