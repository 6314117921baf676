import { evaluate, isTrue } from "../../condition.ts";
import type { HashedFlow } from "../../flow/plan.ts";
import type { RunId } from "../../ids.ts";
import type { Json, JsonObject } from "../../json.ts";
import type { Disposition } from "../events.ts";
import { locate, scopeOf, triggerScope, type Place } from "../places.ts";
import { isLive, liveRuns, type SessionState } from "../state.ts";
import { emit, flowOf, flowsFor, nextId, storeFlows, type Draft } from "./draft.ts";
import { keep, keepersOf, keepsEvents, NO_KEEPERS, satisfy, takers, type Keepers } from "./kept.ts";
import { dueOfStep } from "./due.ts";
import { goesByTime, lastMoment } from "./in-time.ts";

/** What an event meets in a session: steps that wait for it, flows that it starts, or runs that may wait for it later. */
export interface Match {
  readonly waits: readonly Place[];
  /** Every flow with this trigger, matching or not. */
  readonly candidates: readonly HashedFlow[];
  readonly flows: readonly HashedFlow[];
  /** Flows that match but do not want the event while the session is busy. */
  readonly unwanted: readonly HashedFlow[];
  /** Runs that may wait for it later. */
  readonly later: Keepers;
  /** Conditions that could not be evaluated. Form 1 did not tell. */
  readonly errors: readonly string[];
}

/** Finds what an event meets. A step that waits for it takes it; only otherwise it starts flows, or is kept. */
export function matchEvent(draft: Draft, type: string, data: Json): Match {
  const errors: string[] = [];
  const holds = (condition: string, scope: JsonObject, where: string): boolean => {
    const result = evaluate(condition, scope);
    if (!result.ok && keepsEvents(draft)) errors.push(`${where}: ${condition}: ${result.error}`);
    return isTrue(result);
  };
  const waits = takers(waitingFor(draft, type, data, holds));
  if (waits.length > 0) return { waits, candidates: [], flows: [], unwanted: [], later: NO_KEEPERS, errors };
  const candidates = flowsFor(draft, type);
  const scope = triggerScope(draft.state, data);
  const matching = candidates.filter(({ flow }) => flow.if === undefined || holds(flow.if, scope, flow.name));
  const busy = isBusy(draft.state);
  const isUnwanted = ({ flow }: HashedFlow) => busy && flow.onBusy === "reject";
  return {
    waits,
    candidates,
    flows: matching.filter((f) => !isUnwanted(f)),
    unwanted: matching.filter(isUnwanted),
    later: matching.length > 0 ? NO_KEEPERS : keepersOf(draft, type, data),
    errors,
  };
}

function waitingFor(
  draft: Draft,
  type: string,
  data: Json,
  holds: (condition: string, scope: JsonObject, where: string) => boolean,
): readonly Place[] {
  const found: Place[] = [];
  for (const run of liveRuns(draft.state)) {
    for (const [step, state] of Object.entries(run.steps)) {
      if (state.status !== "open" || state.kind !== "wait" || state.event !== type) continue;
      const late = draft.now >= lastMoment(draft.state, run, step, dueOfStep(state) ?? Infinity);
      if (late && goesByTime(draft)) continue;
      const place = locate(run, flowOf(draft, run.flow), step);
      const condition = place.node.kind === "wait" ? place.node.if : undefined;
      if (condition === undefined || holds(condition, scopeOf(draft.state, place, data), `${run.id}/${step}`))
        found.push(place);
    }
  }
  return found;
}

/** Whether a run is under way or waiting that others must not run beside. */
export function isBusy(state: SessionState): boolean {
  return Object.values(state.runs).some((run) => run.onBusy !== "parallel");
}

/** What an event's own record says of it. */
export function disposedOf(match: Match): {
  readonly disposition: Disposition;
  readonly errors?: readonly string[];
  readonly reason?: string;
} {
  const disposition = dispositionOf(match);
  const { errors, later, unwanted } = match;
  const full = disposition === "rejected" && unwanted.length === 0;
  return {
    disposition,
    ...(errors.length > 0 && { errors: errors.slice(0, MAX_ERRORS) }),
    ...(full && { reason: later.full[0]?.reason ?? "" }),
  };
}

/** More would say the same of more waits, and make every event as large. */
const MAX_ERRORS = 5;

function dispositionOf({ waits, flows, unwanted, later }: Match): Disposition {
  if (waits.length > 0) return "awaited";
  if (flows.length > 0) return "triggers";
  if (unwanted.length > 0) return "rejected";
  if (later.runs.length > 0) return "kept";
  return later.full.length > 0 ? "rejected" : "ignored";
}

/** Hands the event that was just recorded to whatever it meets. Runs are queued; the loop that advances runs starts them. */
export function deliver(draft: Draft, match: Match): void {
  const trigger = draft.state.trigger?.sequence ?? draft.state.sequence;
  for (const place of match.waits) satisfy(draft, place, trigger);
  storeFlows(draft, match.candidates);
  for (const { hash, flow } of match.unwanted) {
    emit(draft, "RunRejected", {
      flow: hash,
      name: flow.name,
      trigger,
      reason: isFull(draft) ? "too many runs are waiting" : "the session is busy",
    });
  }
  for (const { hash, flow } of match.flows) {
    // Ids made by the draft are new to the session; the parsers are for ids that come from outside.
    const run = nextId(draft) as RunId;
    emit(draft, "RunQueued", { run, flow: hash, name: flow.name, onBusy: flow.onBusy, trigger });
  }
  const type = draft.state.trigger?.type;
  if (match.later.runs.length > 0 && type !== undefined) keep(draft, trigger, type, match.later);
}

/** As `matchEvent`, for events that nobody can be told to send again later: a session whose queue is full rejects their runs. */
export function matchUnrefusable(draft: Draft, type: string, data: Json): Match {
  const match = matchEvent(draft, type, data);
  return isFull(draft) ? { ...match, flows: [], unwanted: [...match.unwanted, ...match.flows] } : match;
}

/** Whether as many runs wait as may. */
export function isFull({ state, limits }: Draft): boolean {
  return Object.values(state.runs).filter((run) => !isLive(run)).length >= limits.queuedRuns;
}
