import type { TaskId } from "#core/ids.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { idempotencyKeyOf } from "#core/session/task-messages.ts";
import { keyOf } from "../sim-names.ts";
import { nodeAt, type History } from "./history.ts";
import type { Report } from "./violation.ts";

type Ended = Extract<RecordedEvent, { readonly type: "RunCompleted" | "RunFailed" | "RunCancelled" }>;

/** What a run did is undone when the run does not complete, the last effect first, or named as not undone; never otherwise. */
export function checkCompensated(history: History, report: Report): void {
  checkReverse(history.events, report);
  checkTried(history, report);
  // What happened outside after a restored moment has no place in the log.
  if (!history.record.restored) checkUndone(history, report);
}

/** What was applied later is undone earlier. */
function checkReverse(events: readonly RecordedEvent[], report: Report): void {
  const applied = new Map<string, number>();
  const last = new Map<string, number>();
  for (const event of events) {
    if (event.type === "AnswerApplied" || event.type === "EffectInDoubt") {
      if (event.data.compensable) applied.set(event.data.task, event.sequence);
    } else if (event.type === "DoubtSettled" && event.data.happened) {
      applied.set(event.data.task, event.sequence);
    } else if (event.type === "TaskCreated" && event.data.undoes !== undefined) {
      const { run, undoes } = event.data;
      const at = applied.get(undoes) ?? 0;
      if (at > (last.get(run) ?? Infinity))
        report("Once", "the last effect is undone first", `run ${run} undoes ${undoes} after an earlier one`);
      last.set(run, at);
    }
  }
}

/** A run leaves what it did, or may have done, only after it tried to undo that, or where a command says so or nothing could be decided. */
function checkTried({ commits }: History, report: Report): void {
  const tried = new Set<string>();
  for (const { events } of commits) {
    const forced = events.some(leavesThings);
    for (const { type, data } of events) {
      if (type === "CompensationStarted") tried.add(data.run);
      if (type !== "RunFailed" && type !== "RunCancelled") continue;
      if (data.uncompensated !== undefined && !tried.has(data.run) && !forced)
        report(
          "Once",
          "what can be undone is tried to be",
          `run ${data.run} leaves ${data.uncompensated.join(", ")}`,
        );
    }
  }
}

const leavesThings = ({ type, data }: RecordedEvent): boolean =>
  type === "InputQuarantined" ||
  type === "AnswerUnusable" ||
  (type === "CommandGiven" && "compensate" in data.command && data.command.compensate === false);

function checkUndone(history: History, report: Report): void {
  const ends = new Map<string, Ended>();
  const undoes = new Map<string, string>();
  const undone = new Set(history.record.undone);
  for (const event of history.events) {
    if (event.type === "RunCompleted" || event.type === "RunFailed" || event.type === "RunCancelled")
      ends.set(event.data.run, event);
    if (event.type === "TaskCreated" && event.data.undoes !== undefined)
      undoes.set(event.data.task, keyOfTask(history, event.data.undoes));
    // A person or a policy stood in for the agent.
    if (event.type === "HumanAnswered" || event.type === "ValueFilled" || event.type === "TaskSkipped")
      undone.add(undoes.get(event.data.task ?? "") ?? "");
  }
  for (const { key, task, attempt } of history.record.acts) {
    const dispatch = history.dispatches.get(`${task}/${attempt}`);
    const end = dispatch === undefined ? undefined : ends.get(dispatch.run);
    if (dispatch === undefined || end === undefined) continue;
    const node = nodeAt(dispatch.flow.plan, dispatch.step);
    if (node?.kind !== "task" || node.compensate === undefined) continue;
    const named = end.type === "RunCompleted" ? [] : (end.data.uncompensated ?? []);
    const isNamed = named.some((one) => key === keyOfTask(history, one));
    if (end.type === "RunCompleted" && undone.has(key))
      report("Once", "only what did not complete is undone", `${key} was undone, and its run completed`);
    if (end.type !== "RunCompleted" && !undone.has(key) && !isNamed)
      report("Nothing lost", "an effect is undone or named", `${key} is neither`);
  }
}

const keyOfTask = ({ record }: History, task: TaskId): string =>
  idempotencyKeyOf({ ...keyOf(record.key), task });
