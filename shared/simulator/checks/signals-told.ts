import { sameJson, type Json } from "#core/json.ts";
import type { SessionState } from "#core/session/state.ts";
import { attemptName } from "../sim-names.ts";
import type { History } from "./history.ts";
import type { Report } from "./violation.ts";

/** A signal of a task, in the order of the log. */
interface Kept {
  readonly data: Json;
  /** When the log took it. */
  readonly at: number;
}

/**
 * A signal reaches every attempt of its task that asks, in order and from the first on, or it is recorded that no task that is meant is under way. Who sent
 * it is told which.
 */
export function checkSignals(history: History, report: Report): void {
  // Agents were told what a log that was set back does not hold.
  if (history.record.restored) return;
  checkTold(history, keptSignals(history, report), report);
  checkHeard(history, report);
  checkSenders(history, report);
}

function keptSignals(
  { commits, states, record }: History,
  report: Report,
): ReadonlyMap<string, readonly Kept[]> {
  const kept = new Map<string, Kept[]>();
  const add = (task: string, one: Kept) => void kept.set(task, [...(kept.get(task) ?? []), one]);
  for (const [place, { events }] of commits.entries()) {
    const at = record.appended[place]?.at ?? 0;
    // Signals come by requests, each of which is a commit of its own.
    const before: SessionState["tasks"] = states[place - 1]?.tasks ?? {};
    for (const { type, data, sequence } of events) {
      if (type === "SessionForked")
        for (const { id, signals = [] } of Object.values(data.state.tasks))
          for (const signal of signals) add(id, { data: signal.data, at });
      if (type === "TaskSignalled") {
        for (const task of data.tasks) {
          add(task, { data: data.input.data, at });
          if (before[task] === undefined)
            report("Ordered", "a signal is for who works", `${task} was not under way at ${sequence}`);
        }
      }
      if (type === "SignalIgnored") {
        const meant = Object.values(before).find(
          ({ id, agent, step, phase }) =>
            [id as string, agent as string, step].includes(data.input.to) && phase.name !== "asked",
        );
        if (meant !== undefined)
          report("Nothing lost", "a signal reaches who works", `${meant.id} was not told at ${sequence}`);
      }
    }
  }
  return kept;
}

function checkTold({ record }: History, kept: ReadonlyMap<string, readonly Kept[]>, report: Report): void {
  for (const { task, attempt, after, at, go, numbers, said } of record.signals) {
    if (!go) continue;
    const all = kept.get(task) ?? [];
    const wrong = (problem: string): void =>
      report("Nothing lost", "a signal reaches who works", `${attemptName({ task, attempt })} ${problem}`);
    if (numbers.some((number, index) => number !== after + 1 + index))
      wrong(`asked for what comes after ${after} and was told ${numbers.join(", ")}`);
    const before = all.filter((one) => one.at < at).length;
    if (after + numbers.length < before)
      wrong(`was told of ${after + numbers.length} signals when there were ${before}`);
    if (said.some((data, index) => !sameJson(data, all[after + index]?.data ?? null)))
      wrong(`was told something else than what stands in the log`);
  }
}

function checkHeard({ record }: History, report: Report): void {
  for (const { task, attempt, numbers } of record.heard) {
    if (numbers.every((number, index) => number === index + 1)) continue;
    const who = attemptName({ task, attempt });
    report("Ordered", "signals come in order", `${who} heard ${numbers.join(", ")}`);
  }
}

function checkSenders({ record, events }: History, report: Report): void {
  for (const { id, saw } of record.requests) {
    if (saw.type !== "accepted") continue;
    const { type } = events[saw.sequence - 1] ?? {};
    if (type !== "TaskSignalled" && type !== "SignalIgnored") continue;
    const is = type === "TaskSignalled" ? "signalled" : "ignored";
    if (saw.disposition !== is)
      report("Nothing lost", "who signals is told", `${id} is ${is}, and ${saw.disposition} was told`);
  }
}
