import { isJsonObject } from "#core/json.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { FORGED } from "../misbehaviour.ts";
import { attemptName } from "../sim-names.ts";
import type { History } from "./history.ts";
import { endTimes } from "./end-times.ts";
import type { Report } from "./violation.ts";

/** A first delivery may run without a look this long after its commit, by clocks that differ; a look takes its time. */
const RUNS_UNASKED_MS = 20_000;
/** From this age on the relay asks the log before it sends an order again, by clocks that differ. */
const SENT_UNASKED_MS = 255_000;
/** Between the look at the log and the send. */
const LOOKED_MS = 10_000;

/** What is left over from earlier, and what nobody is entitled to say, changes nothing and costs no agent any work. */
export function checkLeftovers(history: History, report: Report): void {
  checkForged(history.events, report);
  checkPreEmption(history.events, report);
  if (history.record.restored) return;
  checkLetters(history, report);
  checkEndedWork(history, report);
}

/** An answer or a claim without its attempt's token leaves no trace in any log. */
function checkForged(events: readonly RecordedEvent[], report: Report): void {
  for (const { type, data, sequence } of events) {
    const result = "result" in data ? data.result : undefined;
    const forgedResult = result !== undefined && isJsonObject(result) && result["value"] === FORGED;
    if (forgedResult || ("execution" in data && data.execution === "forged"))
      report("Once", "a wrong token proves nothing", `${type} at ${sequence} came in with one`);
  }
}

/** What was under way when an urgent run began is not applied: it saw the world before. */
function checkPreEmption(events: readonly RecordedEvent[], report: Report): void {
  const running = new Map<string, string>();
  const runs = new Map<string, string>();
  const suspended = new Set<string>();
  for (const event of events) {
    if (event.type === "TaskCreated") runs.set(event.data.task, event.data.run);
    if (event.type === "AttemptDispatched") running.set(attemptName(event.data), event.data.task);
    // An effect that was claimed may have happened: its result is a fact.
    if (event.type === "EffectClaimed") running.delete(attemptName(event.data));
    if (event.type === "RunSuspended") {
      for (const [attempt, task] of running) if (runs.get(task) === event.data.run) suspended.add(attempt);
    }
    if (event.type === "AnswerApplied" && suspended.has(attemptName(event.data))) {
      report(
        "Once",
        "nothing passes a pre-emption",
        `${attemptName(event.data)}, under way when its run was suspended, was applied at ${event.sequence}`,
      );
    }
  }
}

/** What a queue gave up on is in its session's log. */
function checkLetters({ events, record }: History, report: Report): void {
  const recorded = new Set(
    events.flatMap(({ type, data }) =>
      type === "DeadLetterRecorded" ? [`${data.letter.queue} ${data.letter.id}`] : [],
    ),
  );
  for (const letter of record.letters)
    if (!recorded.has(letter)) report("Nothing lost", "a dead letter is recorded", `${letter} is not`);
}

/** Nobody runs or sends again what ended long ago. */
function checkEndedWork(history: History, report: Report): void {
  const endedAt = endTimes(history);
  for (const { agent, at, ...execution } of history.record.executions) {
    const attempt = attemptName(execution);
    const since = at - (endedAt.get(attempt) ?? at);
    if (since > RUNS_UNASKED_MS)
      report(
        "Contained",
        "no work for what has ended",
        `${agent} ran ${attempt} ${since} ms after its outcome`,
      );
  }
  for (const { committedAt, last, ...order } of history.record.sent.values()) {
    const attempt = attemptName(order);
    const since = last - (endedAt.get(attempt) ?? last);
    if (since > LOOKED_MS && last - committedAt > SENT_UNASKED_MS)
      report(
        "Contained",
        "no work for what has ended",
        `${attempt} was sent again ${since} ms after its outcome`,
      );
  }
}
