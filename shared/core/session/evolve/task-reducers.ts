import type { Usage } from "../../contract.ts";
import type { RunId, TaskId } from "../../ids.ts";
import type { Json } from "../../json.ts";
import { SHEET_FORM } from "../sheet.ts";
import { inForm } from "../stored-flows.ts";
import { liveRuns, type SessionState, type TaskState } from "../state.ts";
import {
  clear,
  fence,
  forgetEffect,
  liveRunOf,
  noteClaim,
  noteEffect,
  openStep,
  patchRun,
  patchTask,
  endTask,
  endWithValue,
  taskOf,
  withoutAsking,
  write,
} from "./patch.ts";
import type { ReducersOf } from "./reducers.ts";

const DONE = { status: "done" } as const;
const READY = { name: "ready" } as const;

function spend(state: SessionState, run: RunId, usage: Usage | undefined): SessionState {
  if (usage === undefined) return state;
  const { tokens, money } = liveRunOf(state, run);
  return patchRun(state, run, { tokens: tokens + (usage.tokens ?? 0), money: money + (usage.money ?? 0) });
}

/** A late answer tells of an effect that was in doubt: it did happen, and so. */
function knowEffect(state: SessionState, id: TaskId, result: Json): SessionState {
  const run = liveRuns(state).find(({ effects }) => effects?.some(({ task }) => task === id));
  if (run === undefined) return state;
  const effects = run.effects?.map(({ inDoubt, ...effect }) =>
    effect.task === id ? { ...effect, result } : { ...effect, ...(inDoubt && { inDoubt }) },
  );
  return patchRun(state, run.id, effects === undefined ? {} : { effects });
}

/** Failed attempts at asking are counted apart: they use up no retry of the effect. */
const oneMoreFailure = ({ asking, failures }: TaskState) =>
  asking === undefined ? { failures: failures + 1 } : { asking: asking + 1 };

export const taskReducers: ReducersOf<
  | "TaskCreated"
  | "AttemptDispatched"
  | "HeartbeatSeen"
  | "AnswerApplied"
  | "AnswerStale"
  | "AnswerUnusable"
  | "AnswerLate"
  | "AttemptFailed"
  | "AttemptTimedOut"
  | "AttemptFenced"
  | "AgentUnavailable"
  | "RetryScheduled"
  | "EffectClaimed"
  | "ClaimRefused"
  | "EffectInDoubt"
  | "FallbackTaken"
  | "ValueFilled"
  | "TaskSkipped"
  | "TaskFailed"
> = {
  TaskCreated: (state, { task, run, step, agent, slot, undoes }) => {
    const created = {
      id: task,
      run,
      step,
      agent,
      slot,
      attempt: 0,
      failures: 0,
      reruns: 0,
      link: -1,
      ...(undoes !== undefined && { undoes }),
      phase: READY,
    };
    return openStep({ ...state, tasks: { ...state.tasks, [task]: created } }, run, step, {
      status: "open",
      kind: "task",
      task,
    });
  },
  AttemptDispatched: (state, { task: id, attempt, asOf, dueAt, checkAt, handedBy }) => {
    const { run, step } = taskOf(state, id);
    const { hops, itemHops = 0, sheet } = liveRunOf(state, run);
    const ofItem = sheet !== undefined && step.includes("/each[");
    const counted = patchRun(state, run, { hops: hops + 1, ...(ofItem && { itemHops: itemHops + 1 }) });
    const check = checkAt === undefined ? {} : { checkAt };
    const handed = handedBy === undefined ? {} : { handedBy };
    return patchTask(counted, id, {
      attempt,
      phase: { name: "dispatched", asOf, dueAt, ...check, ...handed },
    });
  },
  HeartbeatSeen: (state, { task: id, checkAt }) => {
    const { phase } = taskOf(state, id);
    return phase.name === "dispatched" ? patchTask(state, id, { phase: { ...phase, checkAt } }) : state;
  },
  AnswerApplied: (state, { task: id, result, confidence, usage, compensable }, sequence) => {
    const task = taskOf(state, id);
    const noted = compensable ? noteEffect(state, task, result) : state;
    const isEffect = task.phase.name === "claimed" || task.asking !== undefined;
    const spent = spend(isEffect ? noteClaim(noted, task) : noted, task.run, usage);
    const finding = { by: task.agent, ...(confidence !== undefined && { confidence }) };
    return endWithValue(spent, task, { value: result, finding }, sequence);
  },
  AnswerStale: (state, { task: id, usage, action }) => {
    const { run, reruns } = taskOf(state, id);
    const spent = spend(state, run, usage);
    return action === "rerun"
      ? patchTask(spent, id, { phase: READY, reruns: reruns + 1 })
      : patchTask(spent, id, { phase: READY });
  },
  AnswerUnusable: (state, { task: id, usage, compensable }, sequence) => {
    const task = taskOf(state, id);
    const noted = inForm(compensable ? noteEffect(state, task, null) : state, SHEET_FORM);
    const spent = spend(noted, task.run, usage);
    const isEffect = task.phase.name === "claimed" || task.asking !== undefined;
    // The effect happened: its slot says so, though not what came of it.
    const known = isEffect ? write(noteClaim(spent, task), task.slot, null, sequence) : spent;
    return patchTask(withoutAsking(known, id), id, { phase: READY });
  },
  AnswerLate: (state, { task: id, attempt, outcome, claimed }) => {
    const task = state.tasks[id];
    const spent = task === undefined ? state : spend(state, task.run, outcome.usage);
    const known = claimed && outcome.status === "ok" ? knowEffect(spent, id, outcome.result) : spent;
    if (task?.attempt === attempt && task.phase.name === "dispatched")
      return patchTask(known, id, { phase: { ...task.phase, answered: true } });
    return {
      ...known,
      fenced: state.fenced.filter((entry) => entry.task !== id || entry.attempt !== attempt),
    };
  },
  AttemptFailed: (state, { task: id, usage, held, effect }) => {
    const task = taskOf(state, id);
    const { run, phase } = task;
    const spent = spend(state, run, usage);
    if (held && phase.name === "claimed") return patchTask(spent, id, { phase: { ...phase, failed: true } });
    if (task.asking !== undefined && effect === "not-done")
      return patchTask(withoutAsking(forgetEffect(spent, run, id), id), id, { phase: READY });
    return patchTask(spent, id, { phase: READY, ...oneMoreFailure(task) });
  },
  AttemptTimedOut: (state, { task: id }) => {
    const task = taskOf(state, id);
    return patchTask(fence(state, task), id, { phase: READY, ...oneMoreFailure(task) });
  },
  AttemptFenced: (state, { task: id }) => patchTask(fence(state, taskOf(state, id)), id, { phase: READY }),
  AgentUnavailable: (state, { task: id }) => patchTask(state, id, oneMoreFailure(taskOf(state, id))),
  RetryScheduled: (state, { task, dueAt }) => patchTask(state, task, { phase: { name: "backoff", dueAt } }),
  EffectClaimed: (state, { task: id, execution, settleAt }) => {
    const { phase } = taskOf(state, id);
    const asOf = phase.name === "dispatched" || phase.name === "claimed" ? phase.asOf : state.sequence;
    return patchTask(state, id, { phase: { name: "claimed", asOf, execution, settleAt } });
  },
  ClaimRefused: (state, { task: id }) => {
    const task = taskOf(state, id);
    return patchTask(fence(state, task), id, { phase: READY, reruns: task.reruns + 1 });
  },
  EffectInDoubt: (state, { task: id, asks, compensable }) => {
    const task = taskOf(state, id);
    const noted = compensable ? noteEffect(state, task, null, { inDoubt: true }) : state;
    const asking = asks === undefined ? {} : { asking: 0 };
    return patchTask(fence(noteClaim(noted, task), task), id, {
      phase: READY,
      failures: task.failures + 1,
      ...asking,
    });
  },
  FallbackTaken: (state, { task: id, link, agent }) =>
    patchTask(withoutAsking(state, id), id, {
      link,
      failures: 0,
      reruns: 0,
      phase: READY,
      agent: agent ?? taskOf(state, id).agent,
    }),
  ValueFilled: (state, { task, value, by }, sequence) =>
    endWithValue(state, taskOf(state, task), { value, finding: { by } }, sequence),
  TaskSkipped: (state, { task: id }, sequence) => {
    const { run, slot } = taskOf(state, id);
    if (liveRunOf(state, run).sheet === undefined) return endTask(state, id, DONE);
    return endTask(clear(state, slot, sequence), id, { ...DONE, empty: true });
  },
  TaskFailed: (state, { task, error }) => endTask(state, task, { status: "failed", error }),
};
