import type { RecordedEvent } from "#core/session/events.ts";
import { attemptName } from "../sim-names.ts";
import type { History } from "./history.ts";
import { inputIn } from "./ordered.ts";
import type { Report } from "./violation.ts";

/** Inputs once, answers once, outcomes once, effects once. */
export function checkOnce(history: History, report: Report): void {
  checkInputs(history.events, report);
  checkOutcomes(history, report);
  checkResults(history, report);
  // Claims that were lost with a table's last minutes forbid nothing any more.
  if (!history.record.restored) checkEffects(history, report);
}

function checkInputs(events: readonly RecordedEvent[], report: Report): void {
  const seen = new Map<string, number>();
  for (const event of events) {
    const input = inputIn(event);
    if (input === undefined) continue;
    const name = JSON.stringify([input.source, input.id]);
    const before = seen.get(name);
    if (before !== undefined)
      report("Once", "an input is committed once", `${name} is at ${before} and at ${event.sequence}`);
    seen.set(name, event.sequence);
  }
}

/** An attempt's answer counts at most once, and never after the attempt was given up. */
function checkOutcomes({ events }: History, report: Report): void {
  const answered = new Map<string, number>();
  const over = new Map<string, string>();
  const endedAt = new Map<string, number>();
  for (const event of events) {
    switch (event.type) {
      case "AnswerApplied":
      case "AnswerStale":
      case "AttemptFailed": {
        const attempt = attemptName(event.data);
        if (over.has(attempt)) {
          report(
            "Once",
            "a fenced attempt's answer is not applied",
            `${event.type} of ${attempt} at ${event.sequence}, after ${over.get(attempt)}`,
          );
        }
        // A claimed attempt may fail first and be told not to have acted afterwards.
        const held = event.type === "AttemptFailed" && event.data.held === true;
        if (!held) {
          noteAnswer(answered, attempt, event.sequence, report);
          over.set(attempt, event.type);
        }
        break;
      }
      case "AnswerLate":
        noteAnswer(answered, attemptName(event.data), event.sequence, report);
        break;
      case "AttemptTimedOut":
      case "AttemptFenced":
      case "ClaimRefused":
      case "EffectInDoubt":
        over.set(attemptName(event.data), event.type);
        break;
      default:
    }
    const ended = endedTask(event);
    if (ended === undefined) continue;
    if (endedAt.has(ended))
      report(
        "Once",
        "a task has one outcome",
        `task ${ended} ended at ${endedAt.get(ended)} and at ${event.sequence}`,
      );
    endedAt.set(ended, event.sequence);
  }
}

/** What is applied as an attempt's result, that very attempt had found by then. */
function checkResults({ record }: History, report: Report): void {
  for (const { at, commit } of record.appended) {
    for (const event of commit.events) {
      if (event.type !== "AnswerApplied") continue;
      const attempt = attemptName(event.data);
      if ((record.returned.get(attempt) ?? Infinity) > at) {
        report(
          "Once",
          "a result is its attempt's own",
          `${attempt} had none when one was applied at ${event.sequence}`,
        );
      }
    }
  }
}

function noteAnswer(answered: Map<string, number>, attempt: string, sequence: number, report: Report): void {
  const before = answered.get(attempt);
  if (before !== undefined) {
    report(
      "Once",
      "a second answer changes nothing",
      `${attempt} was answered at ${before} and at ${sequence}`,
    );
  }
  answered.set(attempt, sequence);
}

function endedTask(event: RecordedEvent): string | undefined {
  switch (event.type) {
    case "AnswerApplied":
    case "ValueFilled":
    case "TaskSkipped":
    case "TaskFailed":
      return event.data.task;
    case "HumanAnswered":
      return event.data.task;
    case "DoubtSettled":
      return event.data.happened ? event.data.task : undefined;
    default:
      return undefined;
  }
}

function checkEffects({ record, dispatches }: History, report: Report): void {
  const done = new Map<string, number>();
  for (const act of record.acts) {
    const attempt = attemptName(act);
    if (!act.claimed)
      report(
        "Once",
        "an effect is claimed before it happens",
        `${act.agent} acted on ${attempt} without a claim`,
      );
    const policy = dispatches.get(attempt)?.contract.onDoubt;
    const count = (done.get(act.key) ?? 0) + 1;
    done.set(act.key, count);
    if (count > 1 && policy !== "repeat")
      report("Once", "an effect happens once", `${act.agent} acted ${count} times for ${act.key}`);
  }
  const executed = new Set<string>();
  for (const { attempt, task, committed } of record.executions) {
    const name = attemptName({ task, attempt });
    if (!committed && !executed.has(name))
      report("Nothing lost", "only committed tasks run", `${name} ran before its dispatch was in the log`);
    executed.add(name);
  }
}
