import { SpineError } from "../../errors.ts";
import { valueAt } from "../../context/document.ts";
import { compensationLife } from "../../flow/life.ts";
import type { RunId, TaskId } from "../../ids.ts";
import { liveRunOf } from "../evolve/patch.ts";
import type { Failure } from "../input.ts";
import { isLive, tasksOf, type LiveRun, type QueuedRun, type RunEnding } from "../state.ts";
import { sheetPath } from "../sheet.ts";
import { emit, flowOf, type Draft } from "./draft.ts";
import { replyFailure } from "./send-reply.ts";
import { fenceTasks } from "./steps.ts";
import { compensable, placeTask } from "./tasks.ts";

/** Ends a run that cannot go on. What it did is undone before, where its steps say how. */
export function failRun(draft: Draft, id: RunId, error: Failure, compensate = true): void {
  endRun(draft, id, { how: "failed", error }, compensate);
}

/** Ends a run that somebody no longer wants, begun or not. */
export function cancelRun(draft: Draft, id: RunId, reason: string, compensate = true): void {
  const run = draft.state.runs[id];
  if (run === undefined) return;
  if (isLive(run)) endRun(draft, id, { how: "cancelled", reason }, compensate);
  else dropRun(draft, run, cancelled(reason));
}

/** Ends a run before it has begun, for a reason that its sender is told. */
export function dropRun(draft: Draft, { id, trigger }: QueuedRun, error: Failure): void {
  replyFailure(draft, id, error);
  emit(draft, "RunCancelled", { run: id, reason: error.message, trigger });
}

function endRun(draft: Draft, id: RunId, ending: RunEnding, compensate: boolean): void {
  if (liveRunOf(draft.state, id).status === "compensating") {
    if (!compensate) finishRun(draft, id, ending);
    return;
  }
  fenceTasks(draft, id, "plan", ending.how === "failed" ? "the run failed" : ending.reason);
  replyFailure(draft, id, ending.how === "failed" ? ending.error : cancelled(ending.reason));
  const run = liveRunOf(draft.state, id);
  const awaits = claimsToUndo(draft, run);
  if (!compensate || awaits.length + (run.effects ?? []).length === 0) return finishRun(draft, id, ending);
  const dueAt = draft.now + compensationLife(flowOf(draft, run.flow).plan);
  emit(draft, "CompensationStarted", { run: id, ending, dueAt, awaits });
}

const cancelled = (reason: string): Failure => ({ code: "run.cancelled", message: reason });

/** Effects that were claimed and may have happened: their outcome is awaited, so that it can be undone. */
function claimsToUndo(draft: Draft, { id }: LiveRun): readonly TaskId[] {
  return tasksOf(draft.state, id).flatMap((task) => {
    if (task.phase.name !== "claimed") return [];
    return compensable(placeTask(draft, task.id).node, task).compensable ? [task.id] : [];
  });
}

/** The end of a run that did not complete; what it did and nobody undid is named. One that compensates knows how it ends. */
export function finishRun(draft: Draft, id: RunId, given?: RunEnding): void {
  const run = liveRunOf(draft.state, id);
  const ending = run.ending ?? given;
  if (ending === undefined) throw new SpineError("log.corrupt", `Run ${id} ends, and nothing says how.`);
  if (run.status === "compensating") fenceTasks(draft, id, "plan", "nothing more is undone");
  const left = [
    ...(run.uncompensated ?? []),
    ...(run.effects ?? []).map(({ task }) => task),
    ...claimsToUndo(draft, run),
  ];
  const leftover = { ...(left.length > 0 && { uncompensated: left }), ...standing(draft, id) };
  if (ending.how === "failed") emit(draft, "RunFailed", { run: id, error: ending.error, ...leftover });
  else emit(draft, "RunCancelled", { run: id, reason: ending.reason, trigger: run.trigger, ...leftover });
}

/** What effects did, and nobody undid: the session knows of it, or its next run would do it again. */
function standing(draft: Draft, id: RunId): { readonly stands?: readonly string[] } {
  const slots = Object.values(liveRunOf(draft.state, id).claimed ?? {});
  const known = slots.filter((slot) => valueAt(draft.state.context, slot) !== undefined);
  const paths = new Set(known.map((slot) => slot.slice(sheetPath(id).length + 1)));
  return paths.size > 0 ? { stands: [...paths] } : {};
}
