import type { EventInput, HumanInput } from "../input.ts";
import { isJsonObject } from "../../json.ts";
import { ordinalsOf, type TaskState } from "../state.ts";
import { isoTime } from "../iso-time.ts";
import { findAsk, type Asked } from "./asked.ts";
import { setSessionDeadline } from "./run-budget.ts";
import { deliver, disposedOf, isFull, matchEvent } from "./deliver.ts";
import { emit, type Draft } from "./draft.ts";
import { goesByTime } from "./in-time.ts";
import { releaseNext } from "./ordinals.ts";
import { afterFailure, compensable, placeTask } from "./tasks.ts";
import { committed, refused, taken, type Verdict } from "./verdict.ts";

/** A producer's event: recorded, and handed on at once, or held until its predecessors are there. */
export function decideEvent(draft: Draft, input: EventInput): Verdict {
  if (draft.state.status === "stopped") {
    return refused("session.stopped", "The session was stopped and takes no more events.");
  }
  if (draft.now >= (draft.state.deadline ?? Infinity)) {
    return refused("session.stopped", "The session's time is over, and it takes no more events.");
  }
  const order = input.ordinal === undefined ? "now" : orderOf(draft, input, input.ordinal);
  if (typeof order !== "string") return order;
  const first = draft.state.sequence + 1;
  if (order === "hold") {
    emit(draft, "InputHeld", { input, dueAt: draft.now + draft.limits.heldMs });
    setSessionDeadline(draft, input.constraints);
    return taken(first, "held");
  }
  const match = matchEvent(draft, input.type, input.data);
  if (match.flows.length > 0 && isFull(draft)) {
    return refused(
      "session.full",
      `${draft.limits.queuedRuns} runs are waiting in this session already.`,
      true,
    );
  }
  const disposed = disposedOf(match);
  emit(draft, "InputAccepted", { input, ...disposed, ...(order === "late" && { late: true }) });
  deliver(draft, match);
  setSessionDeadline(draft, input.constraints);
  releaseNext(draft, input.source);
  return taken(first, disposed.disposition, disposed.reason);
}

/** Whether a numbered event runs now, waits, or comes after its place was given up. */
function orderOf(draft: Draft, input: EventInput, ordinal: number): "now" | "hold" | "late" | Verdict {
  const known = ordinalsOf(draft.state, input.source);
  if (known === undefined && Object.keys(draft.state.ordinals).length >= draft.limits.orderedSources) {
    return refused(
      "session.full",
      `${draft.limits.orderedSources} producers number their events in this session already.`,
    );
  }
  const next = known?.next ?? 1;
  if (ordinal === next) return "now";
  if (ordinal < next) return "late";
  if (known?.held[String(ordinal)] !== undefined) {
    return refused("input.ordinal", `Another event with ordinal ${ordinal} is waiting already.`);
  }
  if (Object.keys(known?.held ?? {}).length >= draft.limits.heldInputs) {
    return refused(
      "session.full",
      `${draft.limits.heldInputs} events wait for ordinal ${next} already.`,
      true,
    );
  }
  return "hold";
}

/** A person's answer to a question that is still open. */
export function decideHuman(draft: Draft, input: HumanInput): Verdict {
  const found = findAsk(draft, input.ask);
  if (found === undefined) return refused("question.closed", `No open question ${input.ask}.`);
  const { dueAt, question: _, ...asked } = found;
  if (draft.now >= dueAt && goesByTime(draft)) {
    const message = `Question ${input.ask} could be answered until ${isoTime(dueAt)}: this answer is late.`;
    return refused("question.closed", message);
  }
  const task = asked.task === undefined ? undefined : draft.state.tasks[asked.task];
  if (task?.asking !== undefined) return decideDoubt(draft, input, { ...asked, task });
  emit(draft, "HumanAnswered", { ...asked, input });
  return committed(draft.state.sequence);
}

/** What a person found out about an effect in doubt. */
function decideDoubt(
  draft: Draft,
  input: HumanInput,
  { run, step, slot, task }: Omit<Asked, "task" | "question" | "dueAt"> & { readonly task: TaskState },
): Verdict {
  const { value } = input;
  if (!isJsonObject(value) || typeof value["happened"] !== "boolean") {
    return refused(
      "input.malformed",
      'Answer {"happened": true, "result": …} with what the agent would have answered, or {"happened": false}.',
    );
  }
  const { happened, result = null } = value;
  const known = { happened: happened === true, result };
  const mark = compensable(placeTask(draft, task.id).node, task);
  emit(draft, "DoubtSettled", { run, step, slot, task: task.id, input, ...known, ...mark });
  const { sequence } = draft.state;
  const error = { code: "agent.failed", message: "Its effect did not happen." };
  if (!known.happened) afterFailure(draft, task.id, error, true);
  return committed(sequence);
}
