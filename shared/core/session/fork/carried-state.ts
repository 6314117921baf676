import {
  isLive,
  type HeldInput,
  type LiveRun,
  type RunState,
  type SessionState,
  type StepState,
  type TaskState,
} from "../state.ts";

/**
 * A state of a session as another one takes it over at `now`: what was under way is to be dispatched anew, and what is left of every wait
 * counts from now. Nothing is undone of what the session did in the world, and nothing is armed. The same again, if it is carried at
 * the same moment once more.
 */
export function carriedState(state: SessionState, now: number): SessionState {
  const by = now - state.time;
  const { unfinished: _, trigger: __, fork: ___, forks: ____, deadline, ...rest } = state;
  const runs = Object.values(state.runs).map((run) => [run.id, carriedRun(run, by)] as const);
  const tasks = Object.values(state.tasks).flatMap((task) => {
    const run = state.runs[task.run];
    const carried = run?.status === "compensating" ? undefined : carriedTask(task, by);
    return carried === undefined ? [] : [[task.id, carried] as const];
  });
  const versions = Object.keys(state.versions).map((path) => [path, FIRST] as const);
  const ordinals = Object.entries(state.ordinals).map(([source, { next, held }]) => {
    const later = Object.entries(held).map(([ordinal, one]): [string, HeldInput] => [
      ordinal,
      { ...one, dueAt: one.dueAt + by },
    ]);
    return [source, { next, held: Object.fromEntries(later) }] as const;
  });
  return {
    ...rest,
    time: now,
    // Made of the same entries, by the same keys.
    runs: Object.fromEntries(runs) as SessionState["runs"],
    tasks: Object.fromEntries(tasks) as SessionState["tasks"],
    ordinals: Object.fromEntries(ordinals),
    versions: Object.fromEntries(versions),
    flows: {},
    fenced: [],
    ids: [],
    evicted: false,
    armed: [],
    ...(deadline !== undefined && { deadline: deadline + by }),
  };
}

/** Sequence of the event that brings it all: nothing has changed since. */
const FIRST = 1;

function carriedRun(run: RunState, by: number): RunState {
  if (!isLive(run)) return { ...run, trigger: FIRST };
  const { effects: _, ...rest } = { ...run, trigger: FIRST };
  const steps = Object.entries(run.steps).map(([name, step]) => [name, carriedStep(step, by)] as const);
  return { ...rest, dueAt: run.dueAt + by, steps: Object.fromEntries(steps) } satisfies LiveRun;
}

const carriedStep = (step: StepState, by: number): StepState =>
  step.status === "open" && step.dueAt !== undefined ? { ...step, dueAt: step.dueAt + by } : step;

/** None for a task that undoes what another session did. */
function carriedTask(task: TaskState, by: number): TaskState | undefined {
  if (task.undoes !== undefined) return undefined;
  if (task.phase.name === "asked") return { ...task, phase: { ...task.phase, dueAt: task.phase.dueAt + by } };
  // An agent that is asked whether an effect happened knows nothing of this session's key.
  const { asking: _, ...rest } = task;
  return { ...rest, phase: { name: "ready" } };
}
