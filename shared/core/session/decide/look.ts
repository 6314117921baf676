import type { StopReason } from "../task-messages.ts";
import type { SessionState, TaskState } from "../state.ts";

/** The task, if this attempt at it is the one whose answer counts. */
export function currentTask(
  state: SessionState,
  ref: { readonly task: string; readonly attempt: number },
): TaskState | undefined {
  const task = Object.hasOwn(state.tasks, ref.task) ? state.tasks[ref.task as TaskState["id"]] : undefined;
  const active = task?.phase.name === "dispatched" || task?.phase.name === "claimed";
  return active && task?.attempt === ref.attempt ? task : undefined;
}

/** Why an attempt need not run any more. */
export function stopReasonOf(
  state: SessionState,
  ref: { readonly task: string; readonly attempt: number },
): StopReason {
  if (state.status === "stopped") return "stopped";
  return state.fenced.some(({ task, attempt }) => task === ref.task && attempt === ref.attempt)
    ? "fenced"
    : "settled";
}

/** Whether an attempt may still run. Decides nothing. */
export function lookAt(
  state: SessionState,
  ref: { readonly task: string; readonly attempt: number },
): StopReason | undefined {
  const task = currentTask(state, ref);
  if (task === undefined) return stopReasonOf(state, ref);
  return task.phase.name === "claimed" ? "claimed" : undefined;
}
