import type { Finding } from "./log-finding.ts";
import type { LoggedEvent, LoggedSession } from "./read-session.ts";

/** Whether anything took effect twice: an input, a run's start or end, a task's outcome. */
export function checkDuplicates({ name, events }: LoggedSession): readonly Finding[] {
  const seen = new Map<string, number>();
  const findings: Finding[] = [];
  for (const event of events) {
    const fact = onceOnly(event);
    if (fact === undefined) continue;
    const before = seen.get(fact);
    if (before === undefined) seen.set(fact, event.sequence);
    else
      findings.push({
        type: "duplicate",
        session: name,
        text: `${fact} at ${before}, and again at ${event.sequence}`,
      });
  }
  return findings;
}

/** The fact that may stand in a log once, in words. */
function onceOnly({ type, data }: LoggedEvent): string | undefined {
  switch (type) {
    case "InputAccepted":
    case "InputHeld":
    case "HumanAnswered":
    case "TaskSignalled":
    case "SignalIgnored":
      return `${inputOf(data["input"])} is committed`;
    case "DeadLetterRecorded":
      return `${inputOf(data["letter"])} is committed`;
    case "CommandGiven":
    case "InputQuarantined":
      return `${inputOf(data)} is committed`;
    case "InputReleased":
      return `held input ${String(data["ordinal"])} of ${String(data["source"])} is released`;
    case "RunQueued":
      return `flow ${String(data["name"])} is started by the event at ${String(data["trigger"])}`;
    case "RunCompleted":
    case "RunFailed":
    case "RunCancelled":
      return `run ${String(data["run"])} ends`;
    case "AnswerApplied":
    case "ValueFilled":
    case "TaskSkipped":
    case "TaskFailed":
      return `task ${String(data["task"])} has its outcome`;
    default:
      return undefined;
  }
}

function inputOf(input: unknown): string {
  // Whatever else stands there, what it is called is enough to tell it from others.
  const { source, id } = (input ?? {}) as { readonly source?: unknown; readonly id?: unknown };
  return `input ${JSON.stringify(id)} of ${String(source)}`;
}
