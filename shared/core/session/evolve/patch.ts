import { valueAt, withValueAt, withoutValueAt } from "../../context/document.ts";
import { recordChange } from "../../context/versions.ts";
import { SpineError } from "../../errors.ts";
import type { RunId, TaskId } from "../../ids.ts";
import type { Json } from "../../json.ts";
import type { EndedStep, LiveRun, RunState, SessionState, StepState, TaskState } from "../state.ts";

/** A late answer is recorded for this many fenced attempts; older ones are forgotten, and their answers with them. */
const FENCED_KEPT = 64;

export function runOf(state: SessionState, id: RunId): RunState {
  return state.runs[id] ?? corrupt(`run ${id}`);
}

export function liveRunOf(state: SessionState, id: RunId): LiveRun {
  const run = runOf(state, id);
  return run.status === "queued" ? corrupt(`live run ${id}`) : run;
}

export function taskOf(state: SessionState, id: TaskId): TaskState {
  return state.tasks[id] ?? corrupt(`task ${id}`);
}

function corrupt(what: string): never {
  throw new SpineError("log.corrupt", `The log speaks of ${what}, which it never began.`);
}

export function omit<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  const { [key]: _, ...rest } = record;
  return rest;
}

/** Writes a value and the versions of every path that it changes. */
export function write(state: SessionState, path: string, value: Json, sequence: number): SessionState {
  const versions = recordChange(state.versions, valueAt(state.context, path), value, path, sequence);
  return { ...state, context: withValueAt(state.context, path, value), versions };
}

/** Forgets a path and its versions; for a run's own sections, which nobody else reads. */
export function forget(state: SessionState, path: string): SessionState {
  const inside = (name: string) => name === path || name.startsWith(`${path}.`);
  const keep = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !inside(name)));
  return {
    ...state,
    context: withoutValueAt(state.context, path),
    versions: keep(state.versions),
    findings: keep(state.findings),
  };
}

export function patchRun(state: SessionState, id: RunId, patch: Partial<LiveRun>): SessionState {
  return { ...state, runs: { ...state.runs, [id]: { ...liveRunOf(state, id), ...patch } } };
}

export function patchTask(state: SessionState, id: TaskId, patch: Partial<TaskState>): SessionState {
  return { ...state, tasks: { ...state.tasks, [id]: { ...taskOf(state, id), ...patch } } };
}

/** Whether a step lies inside another one, or is it. */
export function isWithin(step: string, outer: string): boolean {
  if (!step.startsWith(outer)) return false;
  const next = step[outer.length];
  return next === undefined || next === "/" || next === "[";
}

/** Whether a step, or a branch that it left to finish, may still need what is known of it. */
export const mayGoOn = (step: StepState): boolean =>
  step.status === "open" || step.lingering !== undefined || step.items !== undefined;

/** Ends a step; what is settled inside it need not be remembered any longer, unless something there may still go on. */
export function endStep(state: SessionState, id: RunId, step: string, ended: EndedStep): SessionState {
  const { steps } = liveRunOf(state, id);
  const kept: Record<string, StepState> = {};
  let goesOn = false;
  for (const name in steps) {
    const inner = steps[name];
    if (inner === undefined || name === step) continue;
    const inside = isWithin(name, step);
    const lingers = mayGoOn(inner);
    if (!inside || lingers) kept[name] = inner;
    if (inside && lingers) goesOn = true;
  }
  const before = steps[step];
  const items = goesOn && before?.status === "open" && before.kind === "map" ? { items: before.items } : {};
  kept[step] = { ...ended, ...items };
  return patchRun(state, id, { steps: kept });
}

export function openStep(state: SessionState, id: RunId, step: string, opened: StepState): SessionState {
  return patchRun(state, id, { steps: { ...liveRunOf(state, id).steps, [step]: opened } });
}

/** A task's outcome: it leaves the state, and its step ends with it. */
export function settleTask(state: SessionState, id: TaskId, ended: EndedStep): SessionState {
  const { run, step } = taskOf(state, id);
  return endStep({ ...state, tasks: omit(state.tasks, id) }, run, step, ended);
}

export function fence(state: SessionState, task: TaskState): SessionState {
  const { name } = task.phase;
  if (name !== "dispatched" && name !== "claimed") return state;
  const entry = { task: task.id, attempt: task.attempt, claimed: name === "claimed" };
  return { ...state, fenced: [...state.fenced, entry].slice(-FENCED_KEPT) };
}

export function noteId(
  state: SessionState,
  of: { readonly source: string; readonly id: string; readonly hash: string },
  sequence: number,
): SessionState {
  return { ...state, ids: [...state.ids, { source: of.source, id: of.id, hash: of.hash, sequence }] };
}
