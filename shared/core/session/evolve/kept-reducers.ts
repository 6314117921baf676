import { SpineError } from "../../errors.ts";
import type { RunId } from "../../ids.ts";
import { KEPT_FORM } from "../kept-form.ts";
import type { KeptEvent, SessionState } from "../state.ts";
import type { ReducersOf } from "./reducers.ts";

/** A state that keeps nothing says nothing of it. */
function withKept(state: SessionState, kept: readonly KeptEvent[]): SessionState {
  const { kept: _, ...rest } = state;
  return kept.length === 0 ? rest : { ...rest, kept };
}

function changed(
  state: SessionState,
  sequence: number,
  change: (event: KeptEvent) => readonly KeptEvent[],
): SessionState {
  const { kept = [] } = state;
  return withKept(
    state,
    kept.flatMap((event) => (event.sequence === sequence ? change(event) : [event])),
  );
}

/** A run has ended. What nobody took stays until that is recorded. */
export function withoutRun(state: SessionState, id: RunId): SessionState {
  if (state.kept === undefined) return state;
  const kept = state.kept.flatMap((event) => {
    const runs = event.runs.filter((run) => run !== id);
    return event.taken && runs.length === 0 ? [] : [{ ...event, runs }];
  });
  return withKept(state, kept);
}

export const keptReducers: ReducersOf<
  "EventKept" | "KeptEventPassed" | "KeptEventTaken" | "KeptEventDropped"
> = {
  EventKept: (state, { event, type, runs }) => {
    if (state.trigger?.sequence !== event)
      throw new SpineError("log.corrupt", `Event ${event} is kept, and is not the one that came.`);
    const { data } = state.trigger;
    const form = Math.max(state.form ?? 1, KEPT_FORM);
    return { ...state, form, kept: [...(state.kept ?? []), { sequence: event, type, data, runs }] };
  },
  KeptEventPassed: (state) => state,
  KeptEventTaken: (state, { event: sequence, left, first }) =>
    changed(state, sequence, (event) =>
      left.length === 0 ? [] : [{ ...event, runs: left, taken: true, ...(first && { first }) }],
    ),
  KeptEventDropped: (state, { event }) => changed(state, event, () => []),
};
