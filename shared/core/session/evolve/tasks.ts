import type { Usage } from "../../contract.ts";
import type { RunId } from "../../ids.ts";
import type { SessionState } from "../state.ts";
import { fence, liveRunOf, openStep, patchRun, patchTask, settleTask, taskOf, write } from "./patch.ts";
import type { ReducersOf } from "./reducers.ts";

const DONE = { status: "done" } as const;
const READY = { name: "ready" } as const;

function spend(state: SessionState, run: RunId, usage: Usage | undefined): SessionState {
  if (usage === undefined) return state;
  const { tokens, money } = liveRunOf(state, run);
  return patchRun(state, run, { tokens: tokens + (usage.tokens ?? 0), money: money + (usage.money ?? 0) });
}

export const taskReducers: ReducersOf<
  | "TaskCreated"
  | "AttemptDispatched"
  | "AnswerApplied"
  | "AnswerStale"
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
  TaskCreated: (state, { task, run, step, agent, slot }) => {
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
      phase: READY,
    };
    return openStep({ ...state, tasks: { ...state.tasks, [task]: created } }, run, step, {
      status: "open",
      kind: "task",
      task,
    });
  },
  AttemptDispatched: (state, { task: id, attempt, asOf, dueAt }) => {
    const { run } = taskOf(state, id);
    const counted = patchRun(state, run, { hops: liveRunOf(state, run).hops + 1 });
    return patchTask(counted, id, { attempt, phase: { name: "dispatched", asOf, dueAt } });
  },
  AnswerApplied: (state, { task: id, result, confidence, usage }, sequence) => {
    const { slot, run, agent } = taskOf(state, id);
    const written = write(spend(state, run, usage), slot, result, sequence);
    const finding = { by: agent, ...(confidence !== undefined && { confidence }) };
    const found = { ...written, findings: { ...written.findings, [slot]: finding } };
    return settleTask(patchRun(found, run, { lastSlot: slot }), id, DONE);
  },
  AnswerStale: (state, { task: id, usage, action }) => {
    const { run, reruns } = taskOf(state, id);
    const spent = spend(state, run, usage);
    return action === "rerun"
      ? patchTask(spent, id, { phase: READY, reruns: reruns + 1 })
      : patchTask(spent, id, { phase: READY });
  },
  AnswerLate: (state, { task: id, attempt, outcome }) => {
    const run = state.tasks[id]?.run;
    const spent = run === undefined ? state : spend(state, run, outcome.usage);
    return {
      ...spent,
      fenced: state.fenced.filter((entry) => entry.task !== id || entry.attempt !== attempt),
    };
  },
  AttemptFailed: (state, { task: id, usage, held }) => {
    const { run, failures, phase } = taskOf(state, id);
    const spent = spend(state, run, usage);
    return held && phase.name === "claimed"
      ? patchTask(spent, id, { phase: { ...phase, failed: true } })
      : patchTask(spent, id, { phase: READY, failures: failures + 1 });
  },
  AttemptTimedOut: (state, { task: id }) => {
    const task = taskOf(state, id);
    return patchTask(fence(state, task), id, { phase: READY, failures: task.failures + 1 });
  },
  AttemptFenced: (state, { task: id }) => patchTask(fence(state, taskOf(state, id)), id, { phase: READY }),
  AgentUnavailable: (state, { task: id }) =>
    patchTask(state, id, { failures: taskOf(state, id).failures + 1 }),
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
  EffectInDoubt: (state, { task: id }) => {
    const task = taskOf(state, id);
    return patchTask(fence(state, task), id, { phase: READY, failures: task.failures + 1 });
  },
  FallbackTaken: (state, { task: id, link, agent }) =>
    patchTask(state, id, {
      link,
      failures: 0,
      reruns: 0,
      phase: READY,
      agent: agent ?? taskOf(state, id).agent,
    }),
  ValueFilled: (state, { task: id, value, by }, sequence) => {
    const { slot, run } = taskOf(state, id);
    const written = write(state, slot, value, sequence);
    const found = { ...written, findings: { ...written.findings, [slot]: { by } } };
    return settleTask(patchRun(found, run, { lastSlot: slot }), id, DONE);
  },
  TaskSkipped: (state, { task }) => settleTask(state, task, DONE),
  TaskFailed: (state, { task, error }) => settleTask(state, task, { status: "failed", error }),
};
