import type { AgentName, RunId } from "../../ids.ts";
import type { RecordedEvent } from "../events.ts";
import { isLive, liveRuns, type SessionState } from "../state.ts";

/** A step at which something is done or waited for. */
export interface ShownStep {
  readonly run: RunId;
  /** Its name in its run. */
  readonly step: string;
  readonly kind: "task" | "wait" | "human";
  /** Who works on it now. */
  readonly agent?: AgentName;
}

/** How a step ended. */
export type StepEnding = "done" | "failed" | "cancelled";

/** The steps that are open in a state, in order, by a key of their own. */
export function shownSteps(state: SessionState): ReadonlyMap<string, ShownStep> {
  const shown = new Map<string, ShownStep>();
  for (const { id: run, steps } of liveRuns(state)) {
    for (const [step, known] of Object.entries(steps)) {
      if (known.status !== "open") continue;
      const { kind } = known;
      if (kind === "wait" || kind === "human") shown.set(stepKey(run, step), { run, step, kind });
      if (kind !== "task") continue;
      const agent = state.tasks[known.task]?.agent;
      shown.set(stepKey(run, step), { run, step, kind, ...(agent !== undefined && { agent }) });
    }
  }
  return shown;
}

/** Names a step among those of all runs. */
export const stepKey = (run: RunId, step: string): string => `${run}/${step}`;

/** What became of a step that is open no more. What a state forgets of it, the event tells. */
export function endingOf(
  { run: id, step }: ShownStep,
  event: RecordedEvent,
  after: SessionState,
): StepEnding {
  const run = after.runs[id];
  const known = run !== undefined && isLive(run) ? run.steps[step] : undefined;
  if (known !== undefined && known.status !== "open") return known.status;
  // Steps end with what they are part of.
  return event.type === "StepCompleted" || event.type === "JoinDecided" || event.type === "RunCompleted"
    ? "done"
    : "cancelled";
}
