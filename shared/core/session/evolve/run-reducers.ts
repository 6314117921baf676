import { prunedAt, valueAt } from "../../context/document.ts";
import { isBelow } from "../../context/path.ts";
import { joinedBelow } from "../../context/versions.ts";
import { SpineError } from "../../errors.ts";
import type { RunId } from "../../ids.ts";
import { isJsonObject, type Json, type JsonObject } from "../../json.ts";
import { isLive, tasksOf, type LiveRun, type QueuedRun, type SessionState } from "../state.ts";
import { SHEET_FORM, sheetPath } from "../sheet.ts";
import { FLOWS_APART_FORM, inForm } from "../stored-flows.ts";
import {
  clear,
  fence,
  forget,
  forgetMemory,
  liveRunOf,
  omit,
  patchRun,
  runOf,
  withoutFindings,
  withoutMemory,
  write,
} from "./patch.ts";
import { withoutRun } from "./kept-reducers.ts";
import type { ReducersOf } from "./reducers.ts";

function mergeInto(
  state: SessionState,
  section: "session" | "constraints",
  values: JsonObject | undefined,
  sequence: number,
): SessionState {
  if (values === undefined) return state;
  const known = state.context[section];
  return write(state, section, { ...(isJsonObject(known) && known), ...values }, sequence);
}

/** Sets limits. A budget names only what it limits: what an earlier one limited stays limited; under form 1 it did not. */
function mergeConstraints(
  state: SessionState,
  constraints: JsonObject | undefined,
  sequence: number,
): SessionState {
  const known = state.context["constraints"];
  const before = isJsonObject(known) ? known["budget"] : undefined;
  const budget = constraints?.["budget"];
  const addsUp = (state.form ?? 1) >= SHEET_FORM && isJsonObject(before) && isJsonObject(budget);
  const limits = addsUp ? { ...constraints, budget: { ...before, ...budget } } : constraints;
  return mergeInto(state, "constraints", limits, sequence);
}

/** The newest run's input, as one value: steps read that of their own run, which never changes. */
function replaceInput(state: SessionState, input: Json, sequence: number): SessionState {
  return { ...state, context: { ...state.context, input }, versions: { ...state.versions, input: sequence } };
}

/** Removes a run with its tasks; answers to attempts that are still out there will be recorded as late. */
function remove(state: SessionState, id: RunId): SessionState {
  const own = Object.values(state.tasks).filter((task) => task.run === id);
  const fenced = own.reduce(fence, state);
  const tasks = Object.fromEntries(Object.entries(state.tasks).filter(([, task]) => task.run !== id));
  const left = forget({ ...fenced, tasks, runs: omit(state.runs, id) }, sheetPath(id));
  return withoutOrigin(withoutRun(left, id), id);
}

/** A fork needs nothing more of what its origin recorded of a run that has ended here. */
function withoutOrigin(state: SessionState, id: RunId): SessionState {
  const { fork } = state;
  if (fork === undefined) return state;
  const recorded = fork.recorded.filter(({ run }) => run !== id);
  const doubtful = fork.doubtful.filter(({ run }) => run !== id);
  return { ...state, fork: { ...fork, recorded, doubtful } };
}

/** A completed run's sheet becomes the session's: a slot that ended without a value is empty from now on. */
function promote(state: SessionState, run: LiveRun, sequence: number): SessionState {
  const { sheet } = run;
  if (sheet === undefined) return promoteForm1(state, run, sequence);
  const kept = sheet.keeps.filter((path) => valueAt(state.context, ownOf(run, path)) !== undefined);
  return [...sheet.paths, ...kept].reduce((next, path) => promotePath(next, run, path, sequence), state);
}

const ownOf = ({ id }: LiveRun, path: string): string => `${sheetPath(id)}.${path}`;

function promotePath(state: SessionState, run: LiveRun, path: string, sequence: number): SessionState {
  const own = ownOf(run, path);
  const value = valueAt(state.context, own);
  if (value === undefined) {
    const cleared = clear(state, path, sequence);
    return cleared.context === state.context
      ? cleared
      : { ...cleared, context: prunedAt(state.context, path) };
  }
  const written = write(withoutFindings(state, path), path, value, sequence);
  return withFindingsOf({ ...written, versions: joinedBelow(written.versions, path) }, own, path);
}

/** Of a run that did not complete, only what its effects did is left. */
function standing(
  state: SessionState,
  id: RunId,
  stands: readonly string[] | undefined,
  sequence: number,
): SessionState {
  if (stands === undefined) return state;
  const run = liveRunOf(state, id);
  return stands.reduce((next, path) => promotePath(next, run, path, sequence), state);
}

/** What is known of a run's slots is known of the session's now. */
function withFindingsOf(state: SessionState, own: string, path: string): SessionState {
  const found = Object.entries(state.findings).filter(([slot]) => slot === own || isBelow(slot, own));
  if (found.length === 0) return state;
  const renamed = found.map(([slot, finding]) => [path + slot.slice(own.length), finding] as const);
  return { ...state, findings: { ...state.findings, ...Object.fromEntries(renamed) } };
}

/** Under form 1 only runs of `parallel` flows had sections of their own, and those replaced the session's whole. */
function promoteForm1(state: SessionState, run: LiveRun, sequence: number): SessionState {
  const prefix = sheetPath(run.id);
  const own = valueAt(state.context, prefix);
  if (!isJsonObject(own)) return state;
  const promoted = Object.entries(own).reduce(
    (next, [section, value]) => write(next, section, value, sequence),
    state,
  );
  const found = Object.entries(state.findings).filter(([slot]) => isBelow(slot, prefix));
  const renamed = found.map(([slot, finding]) => [slot.slice(prefix.length + 1), finding] as const);
  return { ...promoted, findings: { ...promoted.findings, ...Object.fromEntries(renamed) } };
}

export const runReducers: ReducersOf<
  | "FlowStored"
  | "RunQueued"
  | "RunStarted"
  | "RunSuspended"
  | "RunResumed"
  | "RunCompleted"
  | "RunFailed"
  | "RunCancelled"
  | "CompensationStarted"
  | "KeptSectionChanged"
  | "RunRejected"
  | "ReplySent"
  | "BudgetExhausted"
  | "SessionStopped"
  | "SessionDeadlineSet"
> = {
  FlowStored: (state, { hash, apart }, sequence) => {
    const stored = { ...state, flows: { ...state.flows, [hash]: sequence } };
    return apart === true ? inForm(stored, FLOWS_APART_FORM) : stored;
  },
  RunQueued: (state, { run, flow, name, onBusy, trigger }) => {
    const from = state.trigger;
    if (from === undefined)
      throw new SpineError("log.corrupt", `Run ${run} was queued without its trigger ${trigger}.`);
    const queued: QueuedRun = {
      id: run,
      status: "queued",
      flow,
      name,
      onBusy,
      trigger,
      lane: from.lane,
      input: from.data,
      hops: from.hops,
      correlation: from.correlation,
      ...(from.traceparent !== undefined && { traceparent: from.traceparent }),
      ...(from.live && { live: true }),
      ...(from.session !== undefined && { session: from.session }),
      ...(from.constraints !== undefined && { constraints: from.constraints }),
    };
    return { ...state, runs: { ...state.runs, [run]: queued } };
  },
  RunStarted: (state, { run: id, dueAt, sheet }, sequence) => {
    const queued = runOf(state, id);
    if (queued.status !== "queued") throw new SpineError("log.corrupt", `Run ${id} started twice.`);
    const { session, constraints, ...base } = queued;
    const live: LiveRun = {
      ...base,
      status: "running",
      dueAt,
      ...(sheet !== undefined && { sheet }),
      steps: {},
      replied: false,
      tokens: 0,
      money: 0,
    };
    const started = {
      ...state,
      ...(sheet !== undefined && { form: Math.max(state.form ?? 1, SHEET_FORM) }),
      runs: { ...state.runs, [id]: live },
    };
    const asked = replaceInput(started, queued.input, sequence);
    return mergeConstraints(mergeInto(asked, "session", session, sequence), constraints, sequence);
  },
  RunSuspended: (state, { run, by }) => patchRun(state, run, { status: "suspended", suspendedBy: by }),
  RunResumed: (state, { run: id }) => {
    const { suspendedBy: _, ...run } = liveRunOf(state, id);
    return { ...state, runs: { ...state.runs, [id]: { ...run, status: "running" } } };
  },
  RunCompleted: (state, { run }, sequence) => remove(promote(state, liveRunOf(state, run), sequence), run),
  RunFailed: (state, { run, stands }, sequence) => remove(standing(state, run, stands, sequence), run),
  RunCancelled: (state, { run, stands }, sequence) => remove(standing(state, run, stands, sequence), run),
  CompensationStarted: (state, { run: id, ending, dueAt, awaits }) => {
    const { suspendedBy: _, ...run } = liveRunOf(state, id);
    const dropped = tasksOf(state, id).filter((task) => !awaits.includes(task.id));
    const fenced = dropped.reduce(fence, state);
    const tasks = dropped.reduce<SessionState["tasks"]>((left, task) => omit(left, task.id), state.tasks);
    const compensating: LiveRun = { ...run, status: "compensating", ending, dueAt, steps: {} };
    return { ...fenced, tasks, runs: { ...state.runs, [id]: compensating } };
  },
  KeptSectionChanged: (state, { run, slot, action }, sequence) =>
    action === "rerun" ? forgetMemory(state, run, slot, sequence) : withoutMemory(state, run, slot),
  RunRejected: (state) => state,
  ReplySent: (state, { run }) => {
    if (run !== undefined && isLive(runOf(state, run))) return patchRun(state, run, { replied: true });
    // Versions that read form 1 only know no such reply.
    return inForm(state, SHEET_FORM);
  },
  BudgetExhausted: (state) => state,
  SessionDeadlineSet: (state, { at }) => ({ ...state, deadline: at }),
  SessionStopped: (state) => ({ ...state, status: "stopped", ordinals: withoutHeld(state.ordinals) }),
};

function withoutHeld(ordinals: SessionState["ordinals"]): SessionState["ordinals"] {
  return Object.fromEntries(
    Object.entries(ordinals).map(([source, { next }]) => [source, { next, held: {} }]),
  );
}
