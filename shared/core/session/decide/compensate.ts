import { SpineError } from "../../errors.ts";
import { COMPENSATE } from "../../flow/visit-plan.ts";
import type { RunId } from "../../ids.ts";
import { childPlace, locate } from "../places.ts";
import { tasksOf, type AppliedEffect, type LiveRun } from "../state.ts";
import { flowOf, type Draft } from "./draft.ts";
import { finishRun } from "./end-run.ts";
import { createTask, dispatch, isDue, placeTask } from "./tasks.ts";

/** Undoes what a run did, the last effect first and one after another, and then ends the run. */
export function compensate(draft: Draft, id: RunId): void {
  for (;;) {
    const run = draft.state.runs[id];
    if (run?.status !== "compensating") return;
    const tasks = tasksOf(draft.state, id);
    const undoing = tasks.find(({ undoes }) => undoes !== undefined);
    const last = run.effects?.at(-1);
    if (undoing !== undefined) {
      if (!isDue(draft, undoing)) return;
      dispatch(draft, placeTask(draft, undoing.id));
    } else if (tasks.length > 0) {
      // A claimed effect may still happen: it came last, and is undone first.
      return;
    } else if (last !== undefined) {
      begin(draft, run, last);
    } else {
      return finishRun(draft, id);
    }
  }
}

function begin(draft: Draft, run: LiveRun, { step, task }: AppliedEffect): void {
  const place = locate(run, flowOf(draft, run.flow), step);
  const node = place.node.kind === "task" ? place.node.compensate : undefined;
  if (node === undefined) throw new SpineError("log.corrupt", `Nothing says how to undo ${step}.`);
  createTask(draft, childPlace(place, COMPENSATE, node), task);
}
