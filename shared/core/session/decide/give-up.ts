import type { Failure, Input } from "../input.ts";
import { isLive, liveRuns, type RunState } from "../state.ts";
import { emit, type Draft } from "./draft.ts";
import { armNext } from "./deadlines.ts";
import { dropRun, failRun } from "./end-run.ts";
import { dropKept } from "./kept.ts";
import { replyToHeld } from "./send-reply.ts";

/**
 * Moves a session on whose own time or task cannot be decided: leaving everything as it is would fail again at the next
 * deadline. Every call takes something away, so that it ends: the runs concerned, else the waiting ones, else held inputs.
 */
export function giveUp(draft: Draft, input: Input, error: Failure): void {
  if (input.kind !== "deadline" && input.kind !== "answer") return;
  if (input.kind === "deadline") emit(draft, "DeadlinePassed", { at: input.at });
  const concerned = runsOf(draft, input);
  for (const run of concerned) {
    if (isLive(run)) failRun(draft, run.id, error, false);
    else dropRun(draft, run, error);
  }
  if (concerned.length === 0 && input.kind === "deadline") passHeld(draft, error);
  dropKept(draft);
  armNext(draft, draft.state);
}

function runsOf({ state }: Draft, input: Input): readonly RunState[] {
  if (input.kind === "answer") {
    const task = Object.values(state.tasks).find(({ id }) => id === input.task);
    return liveRuns(state).filter(({ id }) => id === task?.run);
  }
  const live = liveRuns(state);
  return live.length > 0 ? live : Object.values(state.runs);
}

function passHeld(draft: Draft, error: Failure): void {
  replyToHeld(draft, error);
  for (const [source, { next, held }] of Object.entries(draft.state.ordinals)) {
    const numbers = Object.keys(held).map(Number);
    if (numbers.length > 0)
      emit(draft, "OrdinalGapRecorded", { source, from: next, to: Math.max(...numbers) });
  }
}
