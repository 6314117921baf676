import { valueAt } from "../../context/document.ts";
import { lastChangeOf } from "../../context/versions.ts";
import { Effect } from "../../contract.ts";
import { MAX_RERUNS } from "../../flow/bounds.ts";
import type { RunId } from "../../ids.ts";
import { liveRunOf } from "../evolve/patch.ts";
import { locate } from "../places.ts";
import { sheetPath } from "../sheet.ts";
import { emit, flowOf, type Draft } from "./draft.ts";
import { walk } from "./walk.ts";

/**
 * A run that is over must not overwrite a memory that it has not seen: where the session's value of a kept section changed
 * after the run wrote its own, the step that wrote it runs again. An effect is not repeated, and neither is a step that did
 * so often already: what they wrote counts, and the log names the conflict. True when a step runs again.
 */
export function rememberAgain(draft: Draft, id: RunId): boolean {
  const run = liveRunOf(draft.state, id);
  let again = false;
  for (const [slot, { step, reruns }] of Object.entries(run.memories ?? {})) {
    const { versions } = draft.state;
    const section = slot.slice(sheetPath(id).length + 1);
    if (lastChangeOf(versions, section) <= lastChangeOf(versions, slot)) continue;
    const place = locate(run, flowOf(draft, run.flow), step);
    const isEffect = place.node.kind === "task" && place.node.agent.effect === Effect.once;
    const action = isEffect || reruns >= MAX_RERUNS ? "conflict" : "rerun";
    emit(draft, "KeptSectionChanged", { run: id, step, slot, action });
    if (action === "conflict") continue;
    again = true;
  }
  if (again) walkReruns(draft, id);
  return again;
}

/** Goes on with what runs again for its memory, also where the steps around it have ended. */
export function walkReruns(draft: Draft, id: RunId): void {
  const { memories = {} } = liveRunOf(draft.state, id);
  for (const [slot, { step, reruns }] of Object.entries(memories)) {
    const run = liveRunOf(draft.state, id);
    if (reruns === 0 || run.steps[step]?.status === "done") continue;
    if (valueAt(draft.state.context, slot) === undefined)
      walk(draft, locate(run, flowOf(draft, run.flow), step));
  }
}
