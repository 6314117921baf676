import { carriedState } from "../fork/carried-state.ts";
import { FORK_FORM, NO_FORKS } from "../fork/fork-form.ts";
import type { ForkInput } from "../input.ts";
import { flowsOfRuns } from "../state.ts";
import { emit, flowOf, storeFlows, type Draft } from "./draft.ts";
import { committed, refused, type Verdict } from "./verdict.ts";

/**
 * Begins a session with another one's state: what was under way there goes on here. Each run, each held input and each event that may
 * still be waited for has an event of its own here, by which this log speaks of it.
 */
export function decideFork(draft: Draft, input: ForkInput): Verdict {
  const { session } = draft.state;
  if ((draft.seen.form ?? 1) < FORK_FORM) return refused("input.rejected", NO_FORKS);
  if (draft.state.sequence > 0)
    return refused("input.conflict", `Session ${session} has events already. Give the fork another name.`);
  if (input.state.status === "stopped")
    return refused(
      "session.stopped",
      `Session ${input.origin.session} was stopped by then. Fork an earlier event.`,
    );
  const { kind: _, traceparent: __, ...brought } = input;
  const state = carriedState(input.state, draft.now);
  emit(draft, "SessionForked", { ...brought, state });
  storeFlows(
    draft,
    flowsOfRuns(state).map((hash) => ({ hash, flow: flowOf(draft, hash) })),
  );
  for (const { id } of Object.values(state.runs)) emit(draft, "RunCarried", { run: id });
  for (const { held } of Object.values(state.ordinals))
    for (const { input: one, dueAt } of Object.values(held)) emit(draft, "InputHeld", { input: one, dueAt });
  for (const { sequence: ___, ...event } of state.kept ?? []) emit(draft, "EventCarried", event);
  return committed(1);
}
