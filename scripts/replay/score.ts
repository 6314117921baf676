import type { Dialogue, Row, UserFrame } from "./dialogue-schema.ts";
import { dictionary } from "./recollection.ts";
import type { Canonicals } from "./recollection.ts";
import { sameRow } from "./reference.ts";
import type { MadeCall, TurnOutcome } from "./reference.ts";
import { sectionOf } from "./service-contract.ts";

export interface Score {
  readonly calls: {
    readonly expected: number;
    readonly made: number;
    /** Made in the annotated turn, with the annotated method and all the annotated parameters. */
    readonly exact: number;
    /** Of the exact ones, those with a parameter whose value came through a reference. */
    readonly byReference: number;
  };
  /** One per USER turn and service spoken to; it matches if every slot does and no slot is there beside. */
  readonly states: { readonly expected: number; readonly matched: number };
}

export const NOTHING: Score = {
  calls: { expected: 0, made: 0, exact: 0, byReference: 0 },
  states: { expected: 0, matched: 0 },
};

/** Compares what the turns of a dialogue came to with the annotation of the whole dialogue. */
export function scoreDialogue(dialogue: Dialogue, outcomes: readonly TurnOutcome[]): Score {
  const canonical = dictionary(dialogue.turns);
  const byTurn = new Map(outcomes.map((outcome) => [outcome.turn, outcome]));
  return dialogue.turns
    .map((turn, at): Score => {
      if (turn.speaker !== "USER") return NOTHING;
      const outcome = byTurn.get(at) ?? { turn: at, calls: [], states: {} };
      return { calls: scoreCalls(dialogue, outcome), states: scoreStates(turn.frames, outcome, canonical) };
    })
    .reduce(addScores, NOTHING);
}

export function addScores(a: Score, b: Score): Score {
  return {
    calls: {
      expected: a.calls.expected + b.calls.expected,
      made: a.calls.made + b.calls.made,
      exact: a.calls.exact + b.calls.exact,
      byReference: a.calls.byReference + b.calls.byReference,
    },
    states: {
      expected: a.states.expected + b.states.expected,
      matched: a.states.matched + b.states.matched,
    },
  };
}

/** How many calls two runs have in common: made in the same turn, alike; calls of one turn have no order. */
export function countSameCalls(a: readonly TurnOutcome[], b: readonly TurnOutcome[]): number {
  const open = [...callTexts(b)];
  return callTexts(a).filter((text) => {
    const at = open.indexOf(text);
    if (at !== -1) open.splice(at, 1);
    return at !== -1;
  }).length;
}

/** Whether two runs made the same calls. */
export function sameCalls(a: readonly TurnOutcome[], b: readonly TurnOutcome[]): boolean {
  return JSON.stringify(callTexts(a)) === JSON.stringify(callTexts(b));
}

function callTexts(outcomes: readonly TurnOutcome[]): readonly string[] {
  return outcomes.flatMap(({ turn, calls }) => calls.map((call) => `${turn} ${callText(call)}`)).sort();
}

function callText({
  service,
  method,
  parameters,
}: Pick<MadeCall, "service" | "method" | "parameters">): string {
  return JSON.stringify([service, method, Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** A turn's calls beside those that its annotation holds. */
export interface ComparedCalls {
  readonly exact: readonly MadeCall[];
  /** Made, and not annotated so. */
  readonly surplus: readonly MadeCall[];
  /** Annotated, and not made so. */
  readonly missing: readonly BareCall[];
}

/** A call without what is known about it beside. */
export type BareCall = Omit<MadeCall, "references">;

export function compareCalls(dialogue: Dialogue, { turn, calls }: TurnOutcome): ComparedCalls {
  const answer = dialogue.turns[turn + 1];
  const frames = answer?.speaker === "SYSTEM" ? answer.frames : [];
  const missing = frames.flatMap(({ service, service_call: call }) => (call ? [{ service, ...call }] : []));
  const isExact = (made: MadeCall): boolean => {
    const at = missing.findIndex((one) => sameCall(one, made));
    if (at !== -1) missing.splice(at, 1);
    return at !== -1;
  };
  const exact: MadeCall[] = [];
  const surplus: MadeCall[] = [];
  for (const made of calls) (isExact(made) ? exact : surplus).push(made);
  return { exact, surplus, missing };
}

export function sameCall(a: BareCall, b: BareCall): boolean {
  return a.service === b.service && a.method === b.method && sameRow(a.parameters, b.parameters);
}

function scoreCalls(dialogue: Dialogue, outcome: TurnOutcome): Score["calls"] {
  const { exact, missing } = compareCalls(dialogue, outcome);
  return {
    expected: exact.length + missing.length,
    made: outcome.calls.length,
    exact: exact.length,
    byReference: exact.filter((call) => call.references.length > 0).length,
  };
}

function scoreStates(
  frames: readonly UserFrame[],
  { states }: TurnOutcome,
  canonical: (values: readonly string[]) => Canonicals,
): Score["states"] {
  const matched = frames.filter(({ service, state }) =>
    matches(states[sectionOf(service)] ?? {}, state.slot_values, canonical),
  );
  return { expected: frames.length, matched: matched.length };
}

function matches(
  held: Row,
  annotated: Readonly<Record<string, readonly string[]>>,
  canonical: (values: readonly string[]) => Canonicals,
): boolean {
  const slots = Object.entries(annotated);
  return (
    slots.length === Object.keys(held).length &&
    slots.every(([slot, values]) => {
      const value = held[slot];
      return value !== undefined && canonical(values).has(value);
    })
  );
}
