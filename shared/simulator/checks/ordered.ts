import { sameJson, type Json } from "#core/json.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import type { History } from "./history.ts";
import type { Report } from "./violation.ts";

/** Sequence 1..n, never overwritten; a 202 names the committed sequence of its input; numbered inputs run in order. */
export function checkOrdered({ record, stored, events }: History, report: Report): void {
  const taken = new Map(record.appended.map((entry) => [entry.stored.first, entry.stored]));
  if (taken.size !== record.appended.length)
    report("Ordered", "no overwrite", "two commits were taken at one sequence");
  if (stored.length !== record.appended.length) {
    report(
      "Ordered",
      "no overwrite",
      `${record.appended.length} commits were taken, the log holds ${stored.length}`,
    );
  }
  let next = 1;
  for (const { first, last, text } of stored) {
    if (first !== next) report("Ordered", "1..n", `a commit starts at ${first} instead of ${next}`);
    if (taken.get(first)?.text !== text)
      report("Ordered", "no overwrite", `commit ${first} is not the one that was taken`);
    next = last + 1;
  }
  events.forEach(({ sequence }, index) => {
    if (sequence !== index + 1) report("Ordered", "1..n", `event ${index + 1} has sequence ${sequence}`);
  });
  checkAnswers(record.requests, events, report);
  checkOrdinals(events, report);
}

function checkAnswers(
  requests: History["record"]["requests"],
  events: readonly RecordedEvent[],
  report: Report,
): void {
  for (const { source, id, saw, body } of requests) {
    const sequence = saw.type === "lost" ? undefined : saw.sequence;
    if (sequence === undefined) continue;
    const event = events[sequence - 1];
    const input = event === undefined ? undefined : inputIn(event);
    if (input?.source !== source || input.id !== id) {
      report(
        "Ordered",
        "202 names its sequence",
        `${source} ${id} was told ${sequence}, where ${event?.type ?? "nothing"} stands`,
      );
    } else if (event !== undefined && dataIn(event) !== undefined) {
      const sent = body as { readonly data?: never };
      if (!sameJson(dataIn(event) ?? null, sent.data)) {
        report(
          "Once",
          "another body is a 409",
          `${source} ${id} was accepted at ${sequence} with another body`,
        );
      }
    }
  }
}

/** What was sent with the input that an event records. */
function dataIn(event: RecordedEvent): Json | undefined {
  switch (event.type) {
    case "InputAccepted":
    case "InputHeld":
    case "TaskSignalled":
    case "SignalIgnored":
      return event.data.input.data;
    default:
      return undefined;
  }
}

/** The identity of the outside input that an event records. */
export function inputIn(event: RecordedEvent): { readonly source: string; readonly id: string } | undefined {
  switch (event.type) {
    case "InputAccepted":
    case "InputHeld":
    case "HumanAnswered":
    case "DoubtSettled":
    case "TaskSignalled":
    case "SignalIgnored":
      return event.data.input;
    case "CommandGiven":
    case "InputQuarantined":
    case "SessionForked":
      return event.data;
    case "DeadLetterRecorded":
      return event.data.letter;
    default:
      return undefined;
  }
}

function checkOrdinals(events: readonly RecordedEvent[], report: Report): void {
  const next = new Map<string, number>();
  for (const event of events) {
    if (event.type === "SessionForked") {
      for (const [source, { next: due }] of Object.entries(event.data.state.ordinals)) next.set(source, due);
      continue;
    }
    if (event.type === "OrdinalGapRecorded") {
      const { source, from, to } = event.data;
      if (from !== (next.get(source) ?? 1))
        report("Ordered", "ordinals", `the gap ${from} to ${to} of ${source} is none`);
      next.set(source, to + 1);
      continue;
    }
    const ran = ranWith(event);
    if (ran === undefined) continue;
    const expected = next.get(ran.source) ?? 1;
    if (ran.late ? ran.ordinal >= expected : ran.ordinal !== expected) {
      report("Ordered", "ordinals", `${ran.source} ran ${ran.ordinal} where ${expected} was next`);
    }
    if (!ran.late) next.set(ran.source, ran.ordinal + 1);
  }
}

function ranWith(
  event: RecordedEvent,
): { readonly source: string; readonly ordinal: number; readonly late: boolean } | undefined {
  if (event.type === "InputReleased") return { ...event.data, late: false };
  if (event.type !== "InputAccepted" || event.data.input.ordinal === undefined) return undefined;
  const { source, ordinal } = event.data.input;
  return { source, ordinal, late: event.data.late ?? false };
}
