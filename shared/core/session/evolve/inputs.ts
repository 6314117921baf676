import type { EventInput } from "../input.ts";
import { FORK_FORM } from "../fork/fork-form.ts";
import { LIVE_FORM } from "../live/live-record.ts";
import { SHEET_FORM } from "../sheet.ts";
import { inForm } from "../stored-flows.ts";
import { liveRuns, ordinalsOf, withoutTimer, type SessionState, type Trigger } from "../state.ts";
import { noteId, omit } from "./patch.ts";
import type { ReducersOf } from "./reducers.ts";

const ORDINAL_START = 1;

function triggerOf(input: EventInput, sequence: number): Trigger {
  return {
    sequence,
    type: input.type,
    data: input.data,
    lane: input.lane ?? "normal",
    hops: 0,
    correlation: input.correlation,
    ...(input.traceparent !== undefined && { traceparent: input.traceparent }),
    ...(input.live && { live: true }),
    ...(input.session !== undefined && { session: input.session }),
    ...(input.constraints !== undefined && { constraints: input.constraints }),
  };
}

/** Moves a producer on past one of its ordinals; one that was passed already (a late one) moves nothing. */
function passOrdinal(state: SessionState, source: string, ordinal: number): SessionState {
  const known = ordinalsOf(state, source) ?? { next: ORDINAL_START, held: {} };
  const passed = { next: Math.max(known.next, ordinal + 1), held: omit(known.held, String(ordinal)) };
  return { ...state, ordinals: { ...state.ordinals, [source]: passed } };
}

const opened = (state: SessionState): SessionState =>
  state.status === "new" ? { ...state, status: "open" } : state;

/** Readers of older forms do not know that an event asks for live output. */
const withForm = (state: SessionState, { live }: EventInput): SessionState =>
  live ? inForm(state, LIVE_FORM) : state;

export const inputReducers: ReducersOf<
  | "InputAccepted"
  | "InputHeld"
  | "InputReleased"
  | "OrdinalGapRecorded"
  | "InputQuarantined"
  | "CommandGiven"
  | "DeadLetterRecorded"
  | "DeadlinePassed"
  | "DeadlineArmed"
  | "DecisionStopped"
  | "DecisionResumed"
> = {
  InputAccepted: (state, { input }, sequence) => {
    const noted = withForm(noteId(opened(state), input, sequence), input);
    const passed = input.ordinal === undefined ? noted : passOrdinal(noted, input.source, input.ordinal);
    return { ...passed, trigger: triggerOf(input, sequence) };
  },
  InputHeld: (state, { input, dueAt }, sequence) => {
    const noted = withForm(noteId(opened(state), input, sequence), input);
    const known = ordinalsOf(state, input.source) ?? { next: ORDINAL_START, held: {} };
    const held = { ...known.held, [String(input.ordinal)]: { input, sequence, dueAt } };
    return { ...noted, ordinals: { ...noted.ordinals, [input.source]: { ...known, held } } };
  },
  InputReleased: (state, { source, ordinal }) => {
    const held = ordinalsOf(state, source)?.held[String(ordinal)];
    const passed = passOrdinal(state, source, ordinal);
    return held === undefined ? passed : { ...passed, trigger: triggerOf(held.input, held.sequence) };
  },
  OrdinalGapRecorded: (state, { source, to }) => {
    const held = Object.entries(ordinalsOf(state, source)?.held ?? {}).filter(
      ([ordinal]) => Number(ordinal) > to,
    );
    const passed = passOrdinal(state, source, to);
    const { next } = passed.ordinals[source] ?? { next: to + 1 };
    return {
      ...passed,
      ordinals: { ...passed.ordinals, [source]: { next, held: Object.fromEntries(held) } },
    };
  },
  InputQuarantined: (state, data, sequence) => noteId(opened(state), data, sequence),
  CommandGiven: (state, data, sequence) => {
    const noted = noteId(opened(state), data, sequence);
    const { command } = data;
    if (command.type !== "fork") return noted;
    return { ...inForm(noted, FORK_FORM), forks: [...(state.forks ?? []), command.session] };
  },
  DeadLetterRecorded: (state, { letter }, sequence) => noteId(opened(state), letter, sequence),
  DeadlinePassed: (state, { at }) => ({ ...state, armed: withoutTimer(state.armed, at) }),
  DeadlineArmed: (state, { at }) => ({ ...state, armed: [...state.armed, at].sort((a, b) => a - b) }),
  DecisionStopped: (state) => inForm({ ...state, unfinished: true }, SHEET_FORM),
  DecisionResumed: ({ unfinished: _, ...state }, { afterMs }) => {
    const later = liveRuns(state).map((run) => [run.id, { ...run, dueAt: run.dueAt + afterMs }]);
    // Made of the same runs, by the same keys.
    return { ...state, runs: { ...state.runs, ...(Object.fromEntries(later) as SessionState["runs"]) } };
  },
};
