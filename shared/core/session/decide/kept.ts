import { evaluate, isTrue } from "../../condition.ts";
import type { RunId } from "../../ids.ts";
import type { Json } from "../../json.ts";
import type { PassedWait } from "../events.ts";
import { KEPT_FORM, keptBytes, keptFor } from "../kept-form.ts";
import { locate, scopeOf, writePath, type Place } from "../places.ts";
import { isLive, type KeptEvent, type RunState } from "../state.ts";
import { mayAwait } from "./awaiting.ts";
import { emit, flowOf, type Draft } from "./draft.ts";

/** Runs that may wait for an event later, the earliest first. */
export interface Keepers {
  readonly runs: readonly RunId[];
  /** Those that keep as much as they may, each with what it has no room for. */
  readonly full: readonly { readonly run: RunId; readonly reason: string }[];
}

export const NO_KEEPERS: Keepers = { runs: [], full: [] };

/** Whether events are kept: under form 1 what no wait took at once was ignored. */
export const keepsEvents = ({ seen }: Draft): boolean => (seen.form ?? 1) >= KEPT_FORM;

export function keepersOf(draft: Draft, type: string, data: Json): Keepers {
  if (!keepsEvents(draft)) return NO_KEEPERS;
  const bytes = keptBytes(data);
  const runs: RunId[] = [];
  const full: { readonly run: RunId; readonly reason: string }[] = [];
  for (const run of Object.values(draft.state.runs)) {
    if (!mayAwait(run, flowOf(draft, run.flow), type)) continue;
    const reason = noRoom(draft, run, bytes);
    if (reason === undefined) runs.push(run.id);
    else full.push({ run: run.id, reason });
  }
  return { runs, full };
}

function noRoom({ state, limits }: Draft, run: RunState, bytes: number): string | undefined {
  const kept = keptFor(state, run);
  const head = `run ${run.id} of ${run.name} may wait for it later`;
  if (kept.length >= limits.keptEvents) return `${head}, and ${kept.length} events are kept for it already`;
  const before = kept.reduce((sum, { data }) => sum + keptBytes(data), 0);
  return before + bytes > limits.keptBytes
    ? `${head}, and with its ${bytes} bytes more than ${limits.keptBytes} would be kept for it`
    : undefined;
}

/** Keeps the event that was just recorded. */
export function keep(draft: Draft, event: number, type: string, { runs, full }: Keepers): void {
  const left = full.map(({ run }) => run);
  emit(draft, "EventKept", { event, type, runs, ...(left.length > 0 && { full: left }) });
}

const takesFirst = ({ node }: Place): boolean => node.kind === "wait" && node.take === "first";

/** Of the waits that an event satisfies, those that take it: of those that want it for themselves, only the first. */
export function takers(satisfied: readonly Place[]): readonly Place[] {
  const first = satisfied.find(takesFirst);
  return satisfied.filter((place) => place === first || !takesFirst(place));
}

export function satisfy(draft: Draft, place: Place, by: number, kept?: true): void {
  const { node, run, step } = place;
  const into = node.kind === "wait" && node.into !== undefined ? { into: writePath(place, node.into) } : {};
  emit(draft, "WaitSatisfied", { run: run.id, step, by, ...into, ...(kept && { kept }) });
}

/**
 * Offers what is kept to the waits that have opened since this was last asked, run by run, as if it had come just now: the
 * oldest event first, and to all waits of the run that opened together.
 */
export function offerKept(draft: Draft): void {
  const opened = draft.events
    .slice(draft.offered)
    .flatMap((event) => (event.type === "WaitStarted" ? [event.data] : []));
  draft.offered = draft.events.length;
  for (const run of new Set(opened.map((wait) => wait.run))) {
    const steps = opened.filter((wait) => wait.run === run).map(({ step }) => step);
    for (const event of draft.state.kept ?? []) if (event.runs.includes(run)) offer(draft, event, run, steps);
  }
}

function offer(draft: Draft, event: KeptEvent, id: RunId, steps: readonly string[]): void {
  const satisfied: Place[] = [];
  const passed: PassedWait[] = [];
  for (const step of steps) {
    const place = openWait(draft, id, step, event.type);
    if (place === undefined) continue;
    const reason = stopReasonOf(draft, place, event);
    if (reason === undefined) satisfied.push(place);
    else passed.push({ step, reason });
  }
  const waits = passed.length;
  if (waits > 0) {
    const some = passed.slice(0, MAX_PASSED);
    emit(draft, "KeptEventPassed", { run: id, event: event.sequence, type: event.type, waits, passed: some });
  }
  const takes = takers(satisfied);
  if (takes.length === 0) return;
  for (const place of takes) satisfy(draft, place, event.sequence, true);
  // As if it had come now: whoever is under way beside this run may take it too, and whoever waits for a turn may not.
  const left = event.runs.filter((other) => other !== id && isUnderWay(draft.state.runs[other]));
  const first = event.first === true || takes.some(takesFirst);
  emit(draft, "KeptEventTaken", { run: id, event: event.sequence, left, ...(first && { first }) });
}

/** More would say the same of more items, and make the commit as large. */
const MAX_PASSED = 5;

const isUnderWay = (run: RunState | undefined): boolean => run !== undefined && isLive(run);

function openWait(draft: Draft, id: RunId, step: string, type: string): Place | undefined {
  const run = draft.state.runs[id];
  if (run === undefined || !isLive(run)) return undefined;
  const state = run.steps[step];
  if (state?.status !== "open" || state.kind !== "wait" || state.event !== type) return undefined;
  return locate(run, flowOf(draft, run.flow), step);
}

/** Why a wait does not take an event; nothing if it does. */
function stopReasonOf(draft: Draft, place: Place, event: KeptEvent): string | undefined {
  if (event.first && takesFirst(place)) return "a wait of another run took it";
  const condition = place.node.kind === "wait" ? place.node.if : undefined;
  if (condition === undefined) return undefined;
  const result = evaluate(condition, scopeOf(draft.state, place, event.data));
  if (isTrue(result)) return undefined;
  return result.ok ? `${condition} does not hold` : `${condition}: ${result.error}`;
}

/** Records what nobody took and nobody can take any longer. */
export function dropKept(draft: Draft): void {
  for (const { sequence, type, runs } of draft.state.kept ?? [])
    if (runs.length === 0) emit(draft, "KeptEventDropped", { event: sequence, type });
}
