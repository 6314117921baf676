import { evaluate, isTrue } from "../../condition.ts";
import type { HashedFlow } from "../../flow/plan.ts";
import type { RunId } from "../../ids.ts";
import type { Json } from "../../json.ts";
import type { Disposition } from "../events.ts";
import { locate, scopeOf, triggerScope, writePath, type Place } from "../places.ts";
import { isLive, liveRuns, type SessionState } from "../state.ts";
import { emit, flowOf, flowsFor, nextId, storeFlows, type Draft } from "./draft.ts";
import { dueOfStep, goesByTime, lastMoment } from "./in-time.ts";

/** What an event meets in a session: steps that wait for it, or flows that it starts. */
export interface Match {
  readonly waits: readonly Place[];
  /** Every flow with this trigger, matching or not. */
  readonly candidates: readonly HashedFlow[];
  readonly flows: readonly HashedFlow[];
  /** Flows that match but do not want the event while the session is busy. */
  readonly unwanted: readonly HashedFlow[];
}

/** Finds what an event meets. A step that waits for it takes it; only otherwise it starts flows. */
export function matchEvent(draft: Draft, type: string, data: Json): Match {
  const waits = waitingFor(draft, type, data);
  if (waits.length > 0) return { waits, candidates: [], flows: [], unwanted: [] };
  const candidates = flowsFor(draft, type);
  const scope = triggerScope(draft.state, data);
  const matching = candidates.filter(({ flow }) => flow.if === undefined || isTrue(evaluate(flow.if, scope)));
  const busy = isBusy(draft.state);
  const isUnwanted = ({ flow }: HashedFlow) => busy && flow.onBusy === "reject";
  return {
    waits,
    candidates,
    flows: matching.filter((f) => !isUnwanted(f)),
    unwanted: matching.filter(isUnwanted),
  };
}

function waitingFor(draft: Draft, type: string, data: Json): readonly Place[] {
  const found: Place[] = [];
  for (const run of liveRuns(draft.state)) {
    for (const [step, state] of Object.entries(run.steps)) {
      if (state.status !== "open" || state.kind !== "wait" || state.event !== type) continue;
      const late = draft.now >= lastMoment(draft.state, run, step, dueOfStep(state) ?? Infinity);
      if (late && goesByTime(draft)) continue;
      const place = locate(run, flowOf(draft, run.flow), step);
      const condition = place.node.kind === "wait" ? place.node.if : undefined;
      if (condition === undefined || isTrue(evaluate(condition, scopeOf(draft.state, place, data))))
        found.push(place);
    }
  }
  return found;
}

/** Whether a run is under way or waiting that others must not run beside. */
export function isBusy(state: SessionState): boolean {
  return Object.values(state.runs).some((run) => run.onBusy !== "parallel");
}

export function dispositionOf(match: Match): Disposition {
  if (match.waits.length > 0) return "awaited";
  if (match.flows.length > 0) return "triggers";
  return match.unwanted.length > 0 ? "rejected" : "ignored";
}

/** Hands the event that was just recorded to whatever it meets. Runs are queued; the settling loop starts them. */
export function deliver(draft: Draft, match: Match): void {
  const trigger = draft.state.trigger?.sequence ?? draft.state.sequence;
  for (const place of match.waits) {
    const into =
      place.node.kind === "wait" && place.node.into !== undefined
        ? { into: writePath(place, place.node.into) }
        : {};
    emit(draft, "WaitSatisfied", { run: place.run.id, step: place.step, by: trigger, ...into });
  }
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
