import type { ContractSpec } from "../../contract.ts";
import type { ParallelNode } from "../../flow/plan.ts";
import { childrenOf } from "../../flow/walk.ts";
import type { Json } from "../../json.ts";
import type { Failure } from "../input.ts";
import { liveRunOf } from "../evolve/patch.ts";
import { childPlace, writePath, type Place } from "../places.ts";
import { emit, type Draft } from "./draft.ts";
import { at, cancelWithin, slotValue, type Progress } from "./steps.ts";

export interface Branch {
  readonly name: string;
  readonly place: Place;
  readonly progress: Progress;
}

type Fork = Place & { readonly node: ParallelNode<ContractSpec> };

/** Ends a parallel as soon as its join is decided, one way or the other. */
export function decideJoin(draft: Draft, place: Fork, branches: readonly Branch[]): Progress {
  const done = branches.filter(({ progress }) => progress === "done");
  const open = branches.filter(({ progress }) => progress === "open");
  const failed = branches.length - done.length - open.length;
  const { join } = place.node;
  const needed = join.type === "all" ? branches.length : join.type === "quorum" ? join.n : 1;
  if (branches.length - failed < needed) return failJoin(draft, place, branches, firstFailure(branches));
  const complete = join.type === "best" ? open.length === 0 : done.length >= needed;
  return complete ? endJoin(draft, place, branches, false) : "open";
}

/** At the step's own deadline: the branches that are done are the result, or it fails. */
export function expireJoin(draft: Draft, place: Fork, branches: readonly Branch[], error: Failure): void {
  const some = branches.some(({ progress }) => progress === "done");
  if (place.node.onTimeout === "partial" && some) endJoin(draft, place, branches, true);
  else failJoin(draft, place, branches, error);
}

function endJoin(draft: Draft, place: Fork, branches: readonly Branch[], partial: boolean): Progress {
  const { join, losers } = place.node;
  const done = branches.filter(({ progress }) => progress === "done");
  const open = branches.filter(({ progress }) => progress === "open");
  const best = join.type === "best" ? mostConfident(draft, done) : undefined;
  const winners = best !== undefined ? [best.name] : done.map(({ name }) => name);
  if (losers === "cancel")
    for (const branch of open) cancelWithin(draft, branch.place, "the join was decided");
  const lingering = losers === "finish" && open.length > 0 ? { lingering: open.map(({ name }) => name) } : {};
  const chosen =
    best !== undefined && join.type === "best"
      ? { slot: writePath(place, join.into), value: best.value }
      : {};
  emit(draft, "JoinDecided", { ...at(place), winners, ...lingering, ...chosen, ...(partial && { partial }) });
  return "done";
}

function failJoin(draft: Draft, place: Fork, branches: readonly Branch[], error: Failure): Progress {
  for (const { progress, place: branch } of branches) {
    if (progress === "open") cancelWithin(draft, branch, "the join can no longer succeed");
  }
  emit(draft, "StepFailed", { ...at(place), error });
  return { failed: error };
}

function firstFailure(branches: readonly Branch[]): Failure {
  for (const { progress } of branches) if (typeof progress === "object") return progress.failed;
  return { code: "internal", message: "A join failed without a failed branch." };
}

/** The branch whose last agent was most sure; the first of equals. A branch that says nothing counts as 0. */
function mostConfident(draft: Draft, done: readonly Branch[]) {
  const rated = done.map((branch) => {
    const slot = lastSlotOf(draft, branch.place);
    const confidence = slot === undefined ? 0 : (draft.state.findings[slot]?.confidence ?? 0);
    const value: Json = {
      branch: branch.name,
      confidence,
      value: slot === undefined ? null : slotValue(draft, slot),
    };
    return { name: branch.name, confidence, value };
  });
  return rated.reduce<(typeof rated)[number] | undefined>(
    (best, next) => (best === undefined || next.confidence > best.confidence ? next : best),
    undefined,
  );
}

/** The slot of the last task in a branch; of a choice, only what it chose counts. */
function lastSlotOf(draft: Draft, place: Place): string | undefined {
  const { node } = place;
  if (node.kind === "task") return writePath(place, node.agent.writes);
  if (node.kind === "map") return undefined;
  const state = liveRunOf(draft.state, place.run.id).steps[place.step];
  const chosen = state?.status === "open" && state.kind === "choice" ? state.branch : undefined;
  for (const [part, child] of childrenOf(node).toReversed()) {
    if (node.kind === "choice" && part !== chosen) continue;
    const slot = lastSlotOf(draft, childPlace(place, part, child));
    if (slot !== undefined) return slot;
  }
  return undefined;
}
