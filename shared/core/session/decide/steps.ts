import { valueAt } from "../../context/document.ts";
import type { Json } from "../../json.ts";
import type { RunId } from "../../ids.ts";
import { isWithin } from "../evolve/patch.ts";
import type { Failure } from "../input.ts";
import type { Place } from "../places.ts";
import { emit, type Draft } from "./draft.ts";

/** How far a step is. `empty`: it is done, and nobody answered. */
export type Progress = "open" | "done" | "empty" | { readonly failed: Failure };

export const isDone = (progress: Progress): progress is "done" | "empty" =>
  progress === "done" || progress === "empty";

/** What the event that ends a step says of it. */
export const endedAs = (progress: "done" | "empty"): { readonly empty?: true } =>
  progress === "empty" ? { empty: true } : {};

export const at = (place: Place) => ({ run: place.run.id, step: place.step });

/** Fences what runs inside a step and gives up what waits there. A claimed effect is still awaited. */
export function cancelWithin(draft: Draft, place: Place, reason: string): void {
  fenceTasks(draft, place.run.id, place.step, reason);
  emit(draft, "StepCancelled", { ...at(place), reason });
}

/** Fences the dispatched attempts inside a step; `again` says that they will be dispatched anew. */
export function fenceTasks(draft: Draft, run: RunId, step: string, reason: string, again = false): void {
  for (const task of Object.values(draft.state.tasks)) {
    if (task.run === run && task.phase.name === "dispatched" && isWithin(task.step, step)) {
      emit(draft, "AttemptFenced", { task: task.id, attempt: task.attempt, reason, again });
    }
  }
}

/** The value a slot holds now. */
export const slotValue = (draft: Draft, slot: string): Json => valueAt(draft.state.context, slot) ?? null;
