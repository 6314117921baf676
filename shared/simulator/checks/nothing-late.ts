import type { Commit } from "#core/session/commit.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { attemptName } from "../sim-names.ts";
import type { History } from "./history.ts";
import type { Report } from "./violation.ts";

/** The form from which on lateness is a matter of time alone. */
const BY_TIME = 2;

/**
 * What answers a question or a task counts by the time at which it was accepted, whether the timer's message had been handled or
 * not. Only the bounds that the log names beside the question itself: those around it are the steps' own.
 */
export function checkInTime(history: History, report: Report): void {
  const due = new Map<string, number>();
  const claimed = new Set<string>();
  let time = 0;
  for (const commit of history.commits) {
    time = Math.max(time, commit.seen.now);
    const firsts = new Set(commit.inputs.map(({ first }) => first));
    for (const event of commit.events) {
      const late = firsts.has(event.sequence) ? lateness(event, due, claimed, time) : undefined;
      if (late !== undefined && (commit.seen.form ?? 1) >= BY_TIME)
        report("Cannot wedge", "what comes too late does not count", `${late} at ${event.sequence}`);
      note(event, due, claimed);
    }
    checkAcceptance(commit, time, report);
  }
}

function note(event: RecordedEvent, due: Map<string, number>, claimed: Set<string>): void {
  if (event.type === "AttemptDispatched") due.set(attemptName(event.data), event.data.dueAt);
  else if (event.type === "HumanAsked") due.set(event.data.ask, event.data.dueAt);
  else if (event.type === "EffectClaimed") claimed.add(attemptName(event.data));
}

function lateness(
  event: RecordedEvent,
  due: ReadonlyMap<string, number>,
  claimed: ReadonlySet<string>,
  time: number,
): string | undefined {
  switch (event.type) {
    case "HumanAnswered":
    case "DoubtSettled":
      return since(due.get(event.data.input.ask), time, `${event.type} of ${event.data.input.ask}`);
    case "AnswerApplied":
    case "AnswerStale":
    case "AttemptFailed": {
      const attempt = attemptName(event.data);
      if (claimed.has(attempt)) return undefined;
      return since(due.get(attempt), event.data.acceptedAt ?? time, `${event.type} of ${attempt}`);
    }
    case "EffectClaimed":
      return since(due.get(attemptName(event.data)), time, `EffectClaimed of ${attemptName(event.data)}`);
    default:
      return undefined;
  }
}

const since = (due: number | undefined, time: number, what: string): string | undefined =>
  due !== undefined && time >= due ? `${what}, ${time - due} ms after its time,` : undefined;

/** Nothing is accepted after it was decided. */
function checkAcceptance({ events }: Commit, time: number, report: Report): void {
  for (const { type, data, sequence } of events) {
    const accepted = "acceptedAt" in data ? data.acceptedAt : undefined;
    if (accepted !== undefined && accepted > time)
      report("Cannot wedge", "what is decided was accepted before", `${type} at ${sequence}`);
  }
}
