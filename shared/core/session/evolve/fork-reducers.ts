import { FORK_FORM } from "../fork/fork-form.ts";
import { inForm } from "../stored-flows.ts";
import type { SessionState } from "../state.ts";
import { endWithValue, noteClaim, noteId, runOf, taskOf } from "./patch.ts";
import type { ReducersOf } from "./reducers.ts";

export const forkReducers: ReducersOf<"SessionForked" | "RunCarried" | "EventCarried" | "OutcomeReused"> = {
  SessionForked: ({ tenant, session, time }, data, sequence) => {
    const { kept: _, ...carried } = data.state;
    const { recorded, doubtful, repeatEffects } = data;
    // Held inputs have events of their own.
    const ordinals = Object.entries(carried.ordinals).map(([source, { next }]) => [
      source,
      { next, held: {} },
    ]);
    const begun: SessionState = {
      ...carried,
      tenant,
      session,
      time,
      status: "open",
      ordinals: Object.fromEntries(ordinals) as SessionState["ordinals"],
      fork: { recorded, doubtful, ...(repeatEffects && { repeatEffects }) },
    };
    return noteId(inForm(begun, FORK_FORM), data, sequence);
  },
  RunCarried: (state, { run }, sequence) => ({
    ...state,
    runs: { ...state.runs, [run]: { ...runOf(state, run), trigger: sequence } },
  }),
  EventCarried: (state, event, sequence) => ({
    ...state,
    kept: [...(state.kept ?? []), { ...event, sequence }],
  }),
  OutcomeReused: (state, { task: id, from, result, confidence, effect }, sequence) => {
    const task = taskOf(state, id);
    const noted = effect ? noteClaim(state, task) : state;
    const finding = { by: task.agent, ...(confidence !== undefined && { confidence }) };
    return withoutRecorded(endWithValue(noted, task, { value: result, finding }, sequence), from);
  },
};

/** What was taken is not taken again: a step that runs once more is asked anew, or finds another. */
function withoutRecorded(state: SessionState, from: number): SessionState {
  const { fork } = state;
  if (fork === undefined) return state;
  return { ...state, fork: { ...fork, recorded: fork.recorded.filter(({ at }) => at !== from) } };
}
