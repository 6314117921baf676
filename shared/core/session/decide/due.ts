import { liveRuns, type SessionState, type StepState, type TaskState } from "../state.ts";

/** When a step's own time is over, where it has one. */
export const dueOfStep = (step: StepState): number | undefined =>
  step.status === "open" && "dueAt" in step ? step.dueAt : undefined;

/** When a task's present phase ends by itself. A pause of a suspended run ends when the run goes on. */
export function dueOfTask(state: SessionState, { phase, run }: TaskState): number | undefined {
  switch (phase.name) {
    case "dispatched":
      return Math.min(phase.dueAt, phase.checkAt ?? Infinity);
    case "asked":
      return phase.dueAt;
    case "claimed":
      return phase.settleAt;
    case "backoff":
      return state.runs[run]?.status === "suspended" ? undefined : phase.dueAt;
    case "ready":
      return undefined;
  }
}

/** The next moment at which the session must act by itself, if there is one. */
export function nextDue(state: SessionState): number | undefined {
  let next = Infinity;
  const consider = (due: number | undefined) => {
    if (due !== undefined && due < next) next = due;
  };
  for (const task of Object.values(state.tasks)) consider(dueOfTask(state, task));
  const live = liveRuns(state);
  if (state.unfinished) consider(state.time);
  // Runs that wait for nobody: only when the decision that was to start them could not be taken.
  if (live.length === 0 && Object.keys(state.runs).length > 0) consider(state.time);
  for (const run of live) {
    consider(run.dueAt);
    for (const step of Object.values(run.steps)) consider(dueOfStep(step));
  }
  for (const { held } of Object.values(state.ordinals))
    for (const input of Object.values(held)) consider(input.dueAt);
  // An idle session needs no timer to take nothing more.
  if (next !== Infinity && state.status !== "stopped") consider(state.deadline);
  return next === Infinity ? undefined : next;
}

/**
 * Whether a timer that lies ahead fires at or before `due`. One in the past does not count: it may have fired already, at a
 * moment when there was nothing to decide and nothing was recorded.
 */
export const isCovered = (armed: readonly number[], due: number, now: number): boolean =>
  armed.some((time) => time <= due && time > now);

/**
 * Whether a timer that fired has anything to decide: something is late, the next moment has no other timer, or the state
 * still counts on it. That is recorded even where nothing is late: a writer that read the state before may be about to commit
 * a decision that counts on it too, and must lose that race.
 */
export function hasDeadlineWork(state: SessionState, firedFor: number, now: number): boolean {
  const counted = state.armed.includes(firedFor);
  // Before its time: also who comes next, when something is under way again, would count on it.
  if (counted && firedFor > now) return true;
  const due = nextDue(state);
  if (due === undefined) return false;
  return counted || due <= now || !isCovered(state.armed, due, now);
}
