import { isWithin } from "../evolve/patch.ts";
import { SHEET_FORM } from "../sheet.ts";
import type { LiveRun, SessionState } from "../state.ts";
import type { Draft } from "./draft.ts";
import { dueOfStep } from "./due.ts";

/**
 * From when on what answers a step comes too late: its own time, that of the steps around it, its run's and its session's,
 * whichever ends first. So it does not matter whether the timer's message was handled by then.
 */
export function lastMoment(state: SessionState, run: LiveRun, step: string, own: number): number {
  // What is being undone outlives its session's time.
  const session = run.status === "compensating" ? undefined : state.deadline;
  let due = Math.min(own, run.dueAt, session ?? Infinity);
  for (const [outer, around] of Object.entries(run.steps))
    if (isWithin(step, outer)) due = Math.min(due, dueOfStep(around) ?? Infinity);
  return due;
}

/** Whether lateness is a matter of time alone; under form 1 it was one of whether the timer's message had been handled. */
export const goesByTime = ({ seen }: Draft): boolean => (seen.form ?? 1) >= SHEET_FORM;
