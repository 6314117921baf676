import { valueAt, withValueAt, withoutValueAt } from "../../context/document.ts";
import { isBelow } from "../../context/path.ts";
import { recordChange } from "../../context/versions.ts";
import { SpineError } from "../../errors.ts";
import { sheetPath } from "../sheet.ts";
import type { RunId, TaskId } from "../../ids.ts";
import type { Json } from "../../json.ts";
import type {
  AppliedEffect,
  EndedStep,
  Finding,
  LiveRun,
  RunState,
  SessionState,
  StepState,
  TaskState,
} from "../state.ts";

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

/** Empties a slot: its value and what is known of it are gone, and that is a change of it. */
export function clear(state: SessionState, path: string, sequence: number): SessionState {
  const before = valueAt(state.context, path);
  const forgotten = withoutFindings(state, path);
  if (before === undefined) return forgotten;
  return {
    ...forgotten,
    context: withoutValueAt(state.context, path),
    versions: recordChange(state.versions, before, undefined, path, sequence),
  };
}

/** Nothing is known of a slot, or below it. */
export function withoutFindings(state: SessionState, path: string): SessionState {
  const left = Object.entries(state.findings).filter(([slot]) => slot !== path && !isBelow(slot, path));
  return left.length === Object.keys(state.findings).length
    ? state
    : { ...state, findings: Object.fromEntries(left) };
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

/** Ends a step; what has ended inside it need not be remembered any longer, unless something there may still go on. */
export function endStep(state: SessionState, id: RunId, step: string, ended: EndedStep): SessionState {
  const { steps } = liveRunOf(state, id);
  const names = Object.keys(steps).filter((name) => name !== step);
  const inside = names.filter((name) => isWithin(name, step));
  const left = [...branchesLeft(step, ended), ...inside.flatMap((name) => branchesLeft(name, steps[name]))];
  const goesOn = (name: string): boolean => {
    const inner = steps[name];
    if (inner?.status === "open" || inner?.lingering !== undefined || inner?.items !== undefined) return true;
    // A step that is done in such a branch would be begun again if it were forgotten.
    return left.some((branch) => isWithin(name, branch));
  };
  const over = new Set(inside.filter((name) => !goesOn(name)));
  const kept = Object.entries(steps).filter(([name]) => name !== step && !over.has(name));
  const before = steps[step];
  const isMap = before?.status === "open" && before.kind === "map" && over.size < inside.length;
  const list = isMap ? { items: before.items, ...(before.keys !== undefined && { keys: before.keys }) } : {};
  const known = { ...ended, ...list };
  return patchRun(state, id, { steps: { ...Object.fromEntries(kept), [step]: known } });
}

/** Places of the branches that a step left to finish. */
const branchesLeft = (step: string, state: StepState | undefined): readonly string[] =>
  state === undefined || state.status === "open"
    ? []
    : (state.lingering ?? []).map((branch) => `${step}/${branch}`);

/** Sets what is known of a step that has nothing inside it yet, or never will. */
export function openStep(state: SessionState, id: RunId, step: string, opened: StepState): SessionState {
  return patchRun(state, id, { steps: { ...liveRunOf(state, id).steps, [step]: opened } });
}

/** A task's outcome: it leaves the state, and its step ends with it. What it undid has ended too. */
export function endTask(state: SessionState, id: TaskId, ended: EndedStep): SessionState {
  const { run, step, undoes } = taskOf(state, id);
  const next = openStep({ ...state, tasks: omit(state.tasks, id) }, run, step, ended);
  if (undoes === undefined) return next;
  const isUndone = ended.status === "done" && ended.empty !== true;
  const undone = forgetEffect(isUndone ? withoutClaim(next, run, undoes) : next, run, undoes);
  if (ended.status === "done") return undone;
  const { uncompensated = [] } = liveRunOf(undone, run);
  return patchRun(undone, run, { uncompensated: [...uncompensated, undoes] });
}

/** Ends a task with a value, which fills its slot, and what is known of the value. */
export function endWithValue(
  state: SessionState,
  task: TaskState,
  { value, finding }: { readonly value: Json; readonly finding: Finding },
  sequence: number,
): SessionState {
  const { id, run, slot } = task;
  const written = write(noteMemory(state, task), slot, value, sequence);
  const found = { ...written, findings: { ...written.findings, [slot]: finding } };
  return endTask(patchRun(found, run, { lastSlot: slot }), id, { status: "done" });
}

/** Notes what a task did, to be undone when its run does not complete. */
export function noteEffect(
  state: SessionState,
  { id: task, run, step, agent }: TaskState,
  result: Json,
  doubt: Pick<AppliedEffect, "inDoubt"> = {},
): SessionState {
  const known = liveRunOf(state, run).effects ?? [];
  const others = known.filter((effect) => effect.task !== task);
  return patchRun(state, run, { effects: [...others, { task, step, agent, result, ...doubt }] });
}

export function forgetEffect(state: SessionState, run: RunId, task: TaskId): SessionState {
  const { effects } = liveRunOf(state, run);
  if (effects === undefined) return state;
  return patchRun(state, run, { effects: effects.filter((effect) => effect.task !== task) });
}

/** Notes that a slot is an effect's, whose result stands even where its run does not complete. */
export function noteClaim(state: SessionState, { id, run, slot }: TaskState): SessionState {
  const { sheet, claimed } = liveRunOf(state, run);
  return sheet === undefined ? state : patchRun(state, run, { claimed: { ...claimed, [id]: slot } });
}

/** Notes which step wrote a kept section last: it runs again when the session's value changes before the run ends. */
export function noteMemory(state: SessionState, { run, slot, step }: TaskState): SessionState {
  const { sheet, memories } = liveRunOf(state, run);
  if (sheet?.keeps.some((section) => slot === `${sheetPath(run)}.${section}`) !== true) return state;
  const { reruns } = memories?.[slot] ?? { reruns: 0 };
  return patchRun(state, run, { memories: { ...memories, [slot]: { step, reruns } } });
}

export function withoutMemory(state: SessionState, id: RunId, slot: string): SessionState {
  const { memories } = liveRunOf(state, id);
  return memories === undefined ? state : patchRun(state, id, { memories: omit(memories, slot) });
}

/** Makes the step that wrote a kept section run again. */
export function forgetMemory(state: SessionState, id: RunId, slot: string, sequence: number): SessionState {
  const { memories, steps } = liveRunOf(state, id);
  const memory = memories?.[slot];
  if (memory === undefined) return corrupt(`what step wrote ${slot}`);
  const again = { step: memory.step, reruns: memory.reruns + 1 };
  return patchRun(clear(state, slot, sequence), id, {
    memories: { ...memories, [slot]: again },
    steps: omit(steps, memory.step),
  });
}

export function withoutClaim(state: SessionState, run: RunId, task: TaskId): SessionState {
  const { claimed } = liveRunOf(state, run);
  return claimed === undefined ? state : patchRun(state, run, { claimed: omit(claimed, task) });
}

/** A task whose effect nobody is asked about any longer. */
export function withoutAsking(state: SessionState, id: TaskId): SessionState {
  const { asking: _, ...task } = taskOf(state, id);
  return { ...state, tasks: { ...state.tasks, [id]: task } };
}

export function fence(state: SessionState, task: TaskState): SessionState {
  const { name } = task.phase;
  if (name !== "dispatched" && name !== "claimed") return state;
  // Its answer is in the log already.
  if (task.phase.name === "dispatched" && task.phase.answered) return state;
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
