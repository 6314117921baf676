import { utf8Length, type Json } from "../../json.ts";
import type { SignalInput } from "../input.ts";
import {
  MAX_SESSION_SIGNAL_BYTES,
  MAX_TASK_SIGNALS,
  NOBODY,
  NO_SIGNALS,
  SIGNAL_FORM,
} from "../signal/task-signal.ts";
import { addressedTasks, takesSignals } from "../signal/signalled-tasks.ts";
import type { SessionState, TaskState } from "../state.ts";
import { emit, type Draft } from "./draft.ts";
import { placeTask } from "./tasks.ts";
import { refused, taken, type Verdict } from "./verdict.ts";

/**
 * What somebody tells agents that are at work: recorded, and kept with their tasks until these end. It changes no context, no view and no
 * answer. Where no task is under way that is meant, it is recorded as ignored.
 */
export function decideSignal(draft: Draft, input: SignalInput): Verdict {
  const { state } = draft;
  const { to, name } = input;
  if ((draft.seen.form ?? 1) < SIGNAL_FORM) return refused("input.rejected", NO_SIGNALS);
  if (state.sequence === 0) return refused("session.unknown", "The session has no events.");
  if (state.status === "stopped") return refused("session.stopped", "The session was stopped.");
  const first = state.sequence + 1;
  const meant = addressedTasks(state, to);
  const active = meant.filter(takesSignals);
  if (active.length === 0) {
    // Whoever may only send does not learn of questions to people.
    emit(draft, "SignalIgnored", { input, reason: meant.length === 0 ? NOBODY : "a person does the task" });
    return taken(first, "ignored", NOBODY);
  }
  const listening = active.filter((task) => signalsOf(draft, task).includes(name));
  if (listening.length === 0) {
    const known = new Set(active.flatMap((task) => signalsOf(draft, task)));
    return refused(
      "signal.undeclared",
      `No contract there declares "${name}"; declared: ${[...known].join(", ") || "nothing"}.`,
    );
  }
  if (isFull(state, listening, input)) return refused("session.full", FULL);
  emit(draft, "TaskSignalled", { input, tasks: listening.map(({ id }) => id) });
  return taken(first, "signalled");
}

/** The names that the agent of a task declares, by the flow of its run. */
export const signalsOf = (draft: Pick<Draft, "state" | "book">, { id }: TaskState): readonly string[] =>
  placeTask(draft, id).contract.signals ?? [];

const FULL = `A task takes ${MAX_TASK_SIGNALS} signals, and the tasks of a session ${MAX_SESSION_SIGNAL_BYTES} bytes.`;

function isFull({ tasks }: SessionState, targets: readonly TaskState[], { data }: SignalInput): boolean {
  const kept = Object.values(tasks).flatMap(({ signals = [] }) => signals.map((signal) => signal.data));
  const bytes = [...kept, ...targets.map(() => data)].reduce<number>((sum, one) => sum + bytesOf(one), 0);
  return (
    bytes > MAX_SESSION_SIGNAL_BYTES || targets.some(({ signals = [] }) => signals.length >= MAX_TASK_SIGNALS)
  );
}

const bytesOf = (data: Json): number => utf8Length(JSON.stringify(data));
