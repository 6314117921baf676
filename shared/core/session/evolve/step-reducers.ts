import type { SessionState } from "../state.ts";
import {
  clear,
  endStep,
  forgetEffect,
  isWithin,
  liveRunOf,
  noteClaim,
  noteEffect,
  noteId,
  noteMemory,
  openStep,
  patchRun,
  patchTask,
  endTask,
  taskOf,
  withoutAsking,
  withoutFindings,
  write,
} from "./patch.ts";
import type { ReducersOf } from "./reducers.ts";

const due = (dueAt: number | undefined) => (dueAt === undefined ? {} : { dueAt });
const DONE = { status: "done" } as const;

function fill(state: SessionState, slot: string, by: string): SessionState {
  return { ...state, findings: { ...state.findings, [slot]: { by } } };
}

/** Drops the tasks inside a step, except those whose effect is claimed: their outcome is still awaited. */
function dropTasks(state: SessionState, run: string, step: string): SessionState {
  const dropped = Object.entries(state.tasks).filter(
    ([, task]) => !(task.run === run && isWithin(task.step, step) && task.phase.name !== "claimed"),
  );
  return { ...state, tasks: Object.fromEntries(dropped) };
}

/** Cancels what is open inside a step, except the steps of tasks that are still awaited. */
function cancelOpen(state: SessionState, run: Parameters<typeof liveRunOf>[1], step: string): SessionState {
  const { steps } = liveRunOf(state, run);
  const kept = Object.entries(steps).filter(
    ([name, inner]) =>
      !isWithin(name, step) ||
      (inner.status === "open" && inner.kind === "task" && inner.task in state.tasks),
  );
  return patchRun(state, run, { steps: Object.fromEntries(kept) });
}

export const stepReducers: ReducersOf<
  | "StepStarted"
  | "ChoiceMade"
  | "MapStarted"
  | "WaitStarted"
  | "WaitSatisfied"
  | "WaitExpired"
  | "HumanAsked"
  | "HumanAnswered"
  | "DoubtSettled"
  | "HumanExpired"
  | "ContextTransformed"
  | "EventEmitted"
  | "JoinDecided"
  | "StepCompleted"
  | "StepFailed"
  | "StepCancelled"
> = {
  StepStarted: (state, { run, step, kind, dueAt }) =>
    openStep(state, run, step, { status: "open", kind, ...due(dueAt) }),
  ChoiceMade: (state, { run, step, branch }) =>
    openStep(state, run, step, { status: "open", kind: "choice", branch }),
  MapStarted: (state, { run, step, items, keys, slots = [], dueAt }, sequence) => {
    const emptied = slots.reduce(
      (next, slot) => write(withoutFindings(next, slot), slot, {}, sequence),
      state,
    );
    const named = keys === undefined ? {} : { keys };
    return openStep(emptied, run, step, { status: "open", kind: "map", items, ...named, ...due(dueAt) });
  },
  WaitStarted: (state, { run, step, event, dueAt }) =>
    openStep(state, run, step, { status: "open", kind: "wait", event, dueAt }),
  WaitSatisfied: (state, { run, step, by, into, kept }, sequence) => {
    const data = kept ? state.kept?.find((event) => event.sequence === by)?.data : state.trigger?.data;
    const written = into === undefined ? state : write(state, into, data ?? null, sequence);
    return endStep(written, run, step, DONE);
  },
  WaitExpired: (state, { slot }, sequence) => (slot === undefined ? state : clear(state, slot, sequence)),
  HumanAsked: (state, { run, step, ask, dueAt, task }) =>
    task === undefined
      ? openStep(state, run, step, { status: "open", kind: "human", ask, dueAt })
      : patchTask(state, task, { phase: { name: "asked", ask, dueAt } }),
  HumanAnswered: (state, { run, step, input, slot, task }, sequence) => {
    const written = fill(write(noteId(state, input, sequence), slot, input.value, sequence), slot, "human");
    const answered = patchRun(written, run, { lastSlot: slot });
    return task === undefined ? endStep(answered, run, step, DONE) : endTask(answered, task, DONE);
  },
  DoubtSettled: (state, { run, input, slot, task: id, happened, result, compensable }, sequence) => {
    const noted = noteId(state, input, sequence);
    if (!happened)
      return patchTask(withoutAsking(forgetEffect(noted, run, id), id), id, { phase: { name: "ready" } });
    const done = compensable ? noteEffect(noted, taskOf(noted, id), result) : noted;
    const ended = noteMemory(noteClaim(done, taskOf(done, id)), taskOf(done, id));
    const written = fill(write(ended, slot, result, sequence), slot, "human");
    return endTask(patchRun(written, run, { lastSlot: slot }), id, DONE);
  },
  HumanExpired: (state, { task, slot }, sequence) => {
    if (slot !== undefined) return clear(state, slot, sequence);
    return task === undefined ? state : patchTask(state, task, { phase: { name: "ready" } });
  },
  ContextTransformed: (state, { run, step, set }, sequence) => {
    const { sheet } = liveRunOf(state, run);
    const written = Object.entries(set).reduce(
      (next, [path, value]) =>
        write(sheet === undefined ? next : withoutFindings(next, path), path, value, sequence),
      state,
    );
    return endStep(written, run, step, DONE);
  },
  EventEmitted: (state, { run, step, type, data }, sequence) => {
    const { lane, hops, itemHops = 0, correlation, traceparent, live } = liveRunOf(state, run);
    const trigger = {
      sequence,
      type,
      data,
      lane,
      hops: hops - itemHops + 1,
      correlation,
      ...(traceparent !== undefined && { traceparent }),
      ...(live && { live }),
    };
    return { ...endStep(state, run, step, DONE), trigger };
  },
  JoinDecided: (state, { run, step, lingering, slot, value, empty }, sequence) => {
    const written =
      slot === undefined
        ? state
        : empty
          ? clear(state, slot, sequence)
          : patchRun(write(state, slot, value ?? null, sequence), run, { lastSlot: slot });
    return endStep(written, run, step, {
      ...DONE,
      ...(lingering !== undefined && { lingering }),
      ...(empty && { empty }),
    });
  },
  StepCompleted: (state, { run, step, empty }) =>
    endStep(state, run, step, { ...DONE, ...(empty && { empty }) }),
  StepFailed: (state, { run, step, error }) => endStep(state, run, step, { status: "failed", error }),
  StepCancelled: (state, { run, step }) => {
    const dropped = cancelOpen(dropTasks(state, run, step), run, step);
    return liveRunOf(dropped, run).steps[step] === undefined
      ? openStep(dropped, run, step, { status: "cancelled" })
      : dropped;
  },
};
