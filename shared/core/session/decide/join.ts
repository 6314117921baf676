import type { ContractSpec } from "../../contract.ts";
import { valueAt } from "../../context/document.ts";
import type { Join, ParallelNode } from "../../flow/plan.ts";
import { childrenOf } from "../../flow/visit-plan.ts";
import type { Json } from "../../json.ts";
import type { Failure } from "../input.ts";
import { liveRunOf } from "../evolve/patch.ts";
import { childPlace, writePath, type Place } from "../places.ts";
import { emit, type Draft } from "./draft.ts";
import { at, cancelWithin, endedAs, isDone, slotValue, type Progress } from "./steps.ts";

export interface Branch {
  readonly name: string;
  readonly place: Place;
  readonly progress: Progress;
}

type Fork = Place & { readonly node: ParallelNode<ContractSpec> };

/** Ends a parallel as soon as its join is decided, one way or the other. */
export function decideJoin(draft: Draft, place: Fork, branches: readonly Branch[]): Progress {
  const { join } = place.node;
  const counting = branches.filter(({ progress }) => counts(join, progress));
  const open = branches.filter(({ progress }) => progress === "open");
  const needed = join.type === "all" ? branches.length : join.type === "quorum" ? join.n : 1;
  if (counting.length + open.length < needed)
    return failJoin(draft, place, branches, firstFailure(place, branches));
  const complete = join.type === "best" ? open.length === 0 : counting.length >= needed;
  return complete ? endJoin(draft, place, branches, false) : "open";
}

/** Whether a branch is one of those that the join waits for. Where one is enough, nobody's answer is none. */
const counts = ({ type }: Join, progress: Progress): boolean =>
  progress === "done" || (progress === "empty" && (type === "all" || type === "best"));

/** At the step's own deadline: the branches that are done are the result, or it fails. */
export function timeOutJoin(draft: Draft, place: Fork, branches: readonly Branch[], error: Failure): void {
  const some = branches.some(({ progress }) => isDone(progress));
  if (place.node.onTimeout === "partial" && some) endJoin(draft, place, branches, true);
  else failJoin(draft, place, branches, error);
}

function endJoin(draft: Draft, place: Fork, branches: readonly Branch[], partial: boolean): Progress {
  const { join, losers } = place.node;
  const done = branches.filter(({ progress }) => counts(join, progress));
  const open = branches.filter(({ progress }) => progress === "open");
  const best = join.type === "best" ? mostConfident(draft, done) : undefined;
  const winners = join.type !== "best" ? done.map(({ name }) => name) : best === undefined ? [] : [best.name];
  if (losers === "cancel")
    for (const branch of open) cancelWithin(draft, branch.place, "the join was decided");
  const lingering = losers === "finish" && open.length > 0 ? { lingering: open.map(({ name }) => name) } : {};
  const chosen =
    join.type !== "best"
      ? {}
      : best === undefined
        ? { slot: writePath(place, join.into) }
        : { slot: writePath(place, join.into), value: best.value };
  const answered =
    join.type === "best" ? best !== undefined : done.some(({ progress }) => progress === "done");
  const ended = answered || done.length === 0 || place.run.sheet === undefined ? "done" : "empty";
  emit(draft, "JoinDecided", {
    ...at(place),
    winners,
    ...lingering,
    ...chosen,
    ...(partial && { partial }),
    ...endedAs(ended),
  });
  return ended;
}

function failJoin(draft: Draft, place: Fork, branches: readonly Branch[], error: Failure): Progress {
  for (const { progress, place: branch } of branches) {
    if (progress === "open") cancelWithin(draft, branch, "the join can no longer succeed");
  }
  emit(draft, "StepFailed", { ...at(place), error });
  return { failed: error };
}

function firstFailure(place: Fork, branches: readonly Branch[]): Failure {
  for (const { progress } of branches) if (typeof progress === "object") return progress.failed;
  return { code: "join.unanswered", message: `No branch of ${place.step} was answered.` };
}

/** The branch whose last agent was most sure; the first of equals. A branch that says nothing counts as 0. */
function mostConfident(draft: Draft, done: readonly Branch[]) {
  const rated = done.flatMap((branch) => {
    const slot = lastSlotOf(draft, branch.place);
    const unanswered = slot === undefined || valueAt(draft.state.context, slot) === undefined;
    if (branch.place.run.sheet !== undefined && unanswered) return [];
    const confidence = slot === undefined ? 0 : (draft.state.findings[slot]?.confidence ?? 0);
    const value: Json = {
      branch: branch.name,
      confidence,
      value: slot === undefined ? null : slotValue(draft, slot),
    };
    return [{ name: branch.name, confidence, value }];
  });
  return rated.reduce<(typeof rated)[number] | undefined>(
    (best, next) => (best === undefined || next.confidence > best.confidence ? next : best),
    undefined,
  );
}

/** The slot of the last task, or of whoever else was asked, in a branch; of a choice, only what it chose counts. */
function lastSlotOf(draft: Draft, place: Place): string | undefined {
  const { node } = place;
  if (node.kind === "task") return writePath(place, node.agent.writes);
  const asks = node.kind === "human" || node.kind === "wait";
  if (place.run.sheet !== undefined && asks && node.into !== undefined) return writePath(place, node.into);
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
