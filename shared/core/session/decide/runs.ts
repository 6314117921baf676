import type { RunId } from "../../ids.ts";
import { SHEET_FORM, sheetOf } from "../sheet.ts";
import { isLive, liveRuns, tasksOf, type LiveRun, type QueuedRun, type SessionState } from "../state.ts";
import { liveRunOf } from "../evolve/patch.ts";
import { deadlineBudget } from "./run-budget.ts";
import { compensate } from "./compensate.ts";
import { emit, flowOf, hasRoom, type Draft } from "./draft.ts";
import { cancelRun, failRun } from "./end-run.ts";
import { offerKept } from "./kept.ts";
import { reuseAnswers } from "./reuse-answers.ts";
import { fenceTasks, isDone, slotValue } from "./steps.ts";
import { rememberAgain, walkReruns } from "./remember.ts";
import { walkRun } from "./walk.ts";

/** Goes on with every run until nothing more can be decided without another input. */
export function advanceRuns(draft: Draft): void {
  for (let before = -1; before !== draft.events.length;) {
    before = draft.events.length;
    for (const { id } of liveRuns(draft.state)) {
      const run = draft.state.runs[id];
      if (run?.status === "running") advanceRun(draft, run);
      else if (run?.status === "compensating") compensate(draft, id);
      offerKept(draft);
    }
    reuseAnswers(draft);
    resumeRuns(draft);
    startRuns(draft);
  }
}

function advanceRun(draft: Draft, run: LiveRun): void {
  const progress = walkRun(draft, run);
  walkReruns(draft, run.id);
  if (typeof progress === "object") return failRun(draft, run.id, progress.failed);
  const over = isDone(progress) && tasksOf(draft.state, run.id).length === 0 && !hasOpenSteps(draft, run.id);
  // What stopped may be a branch that only this walk knows of.
  if (over && !draft.stopped && (run.replied || hasRoom(draft)) && !rememberAgain(draft, run.id))
    completeRun(draft, run.id);
}

/** Branches of a decided join that go on keep their run open. A choice stays open as long as its run does. */
function hasOpenSteps(draft: Draft, id: RunId): boolean {
  return Object.values(liveRunOf(draft.state, id).steps).some(
    (step) => step.status === "open" && step.kind !== "choice",
  );
}

function completeRun(draft: Draft, id: RunId): void {
  const { replied, lastSlot, trigger } = liveRunOf(draft.state, id);
  if (!replied)
    emit(draft, "ReplySent", {
      run: id,
      to: trigger,
      body: lastSlot === undefined ? null : slotValue(draft, lastSlot),
    });
  emit(draft, "RunCompleted", { run: id });
}

/** Runs whose urgent run has ended go on; what was fenced is dispatched anew. */
function resumeRuns(draft: Draft): void {
  for (const run of liveRuns(draft.state)) {
    const urgent = run.suspendedBy;
    if (run.status === "suspended" && (urgent === undefined || draft.state.runs[urgent] === undefined))
      emit(draft, "RunResumed", { run: run.id });
  }
}

function startRuns(draft: Draft): void {
  for (const run of Object.values(draft.state.runs)) {
    const now = draft.state.runs[run.id];
    if (now?.status === "queued" && mayStart(draft.state, now)) startRun(draft, now);
  }
}

/** Whether a run's turn has come, by what its flow says about a busy session. */
function mayStart(state: SessionState, run: QueuedRun): boolean {
  const others = Object.values(state.runs).filter(({ id, onBusy }) => id !== run.id && onBusy !== "parallel");
  switch (run.onBusy) {
    case "parallel":
      return true;
    case "pre-empt":
      // Nothing urgent waits for what is only being undone.
      return !others.some(
        (other) => other.onBusy === "pre-empt" && isLive(other) && other.status !== "compensating",
      );
    case "restart":
      return !others.some(
        (other) => isLive(other) && (other.name !== run.name || other.status === "compensating"),
      );
    case "queue":
    case "reject":
      return !others.some((other) => isLive(other) || isAhead(state, other.id, run.id));
  }
}

/** Runs are kept in order of arrival. */
function isAhead(state: SessionState, first: RunId, second: RunId): boolean {
  const order = Object.keys(state.runs);
  return order.indexOf(first) < order.indexOf(second);
}

function startRun(draft: Draft, run: QueuedRun): void {
  if (run.onBusy === "restart") {
    for (const other of Object.values(draft.state.runs)) {
      if (other.name === run.name && other.id !== run.id && isAhead(draft.state, other.id, run.id))
        cancelRun(draft, other.id, `restarted by ${run.id}`);
    }
    // What the old run did is undone first.
    if (!mayStart(draft.state, run)) return;
  }
  if (run.onBusy === "pre-empt") {
    for (const other of liveRuns(draft.state))
      if (other.status === "running") suspendRun(draft, other.id, run.id);
  }
  const flow = flowOf(draft, run.flow);
  const life = Math.min(flow.lifeMs, deadlineBudget(draft, run));
  const dueAt = Math.min(draft.now + life, draft.state.deadline ?? Infinity);
  const sheet = (draft.seen.form ?? 1) < SHEET_FORM ? undefined : sheetOf(flow);
  emit(draft, "RunStarted", { run: run.id, dueAt, ...(sheet !== undefined && { sheet }) });
}

function suspendRun(draft: Draft, id: RunId, by: RunId): void {
  fenceTasks(draft, id, "plan", `pre-empted by ${by}`, true);
  emit(draft, "RunSuspended", { run: id, by });
}
