import { evaluate, evaluateEach, isTrue, pathsOf } from "../../condition.ts";
import { valueAt } from "../../context/document.ts";
import type { ContractSpec } from "../../contract.ts";
import type { ChoiceNode, CompiledFlow, CompiledNode, MapNode, ParallelNode } from "../../flow/plan.ts";
import { childrenOf } from "../../flow/visit-plan.ts";
import type { RunId } from "../../ids.ts";
import { isWithin, type Json, type JsonObject } from "../../json.ts";
import { liveRunOf } from "../evolve/patch.ts";
import type { Failure } from "../input.ts";
import {
  childPlace,
  itemPlace,
  locate,
  rootPlace,
  scopeOf,
  sectionsInside,
  writePath,
  type Place,
} from "../places.ts";
import type { EndedStep, LiveRun, StepState } from "../state.ts";
import { budgetLeft, exhausted } from "./run-budget.ts";
import { emit, flowOf, hasRoom, nextId, type Draft } from "./draft.ts";
import { deliver, disposedOf, matchUnrefusable } from "./deliver.ts";
import { decideJoin } from "./join.ts";
import { keepsEvents } from "./kept.ts";
import { at, cancelWithin, endedAs, isDone, type Progress } from "./steps.ts";
import { createTask, dispatch, isDue, placeTask } from "./tasks.ts";

type At<Kind extends CompiledNode["kind"]> = Place & {
  readonly node: Extract<CompiledNode, { readonly kind: Kind }>;
};

/**
 * Starts whatever can start in a run and ends whatever has ended, from the root of its plan down.
 * Walking twice decides nothing new: every start is an event, and what has started is left alone.
 */
export function walkRun(draft: Draft, run: LiveRun): Progress {
  const flow = flowOf(draft, run.flow);
  const progress = walk(draft, rootPlace(run, flow));
  if (typeof progress !== "object") walkLingering(draft, run.id, flow);
  return progress;
}

/** Goes on with the branches that decided joins left to finish, wherever they are: the steps around them may have ended. */
function walkLingering(draft: Draft, id: RunId, flow: CompiledFlow): void {
  for (const [step, { status }] of Object.entries(liveRunOf(draft.state, id).steps)) {
    const run = liveRunOf(draft.state, id);
    const now = run.steps[step];
    if (status === "open" || now === undefined || now.status === "open" || now.lingering === undefined)
      continue;
    const place = locate(run, flow, step);
    for (const [name, branch] of childrenOf(place.node)) {
      if (now.lingering.includes(name)) walk(draft, childPlace(place, name, branch));
    }
  }
}

/** Steps that cause something by themselves when they begin. */
const BEGINS: ReadonlySet<CompiledNode["kind"]> = new Set([
  "task",
  "map",
  "wait",
  "human",
  "transform",
  "emit",
  "reply",
]);

export function walk(draft: Draft, place: Place): Progress {
  const state = stateOf(draft, place);
  if (state !== undefined && state.status !== "open") return ended(state);
  const { node } = place;
  if (state === undefined && BEGINS.has(node.kind) && !hasRoom(draft)) return "open";
  switch (node.kind) {
    case "task":
      return walkTask(draft, place, state);
    case "sequence":
      return walkSequence(draft, { ...place, node }, state);
    case "parallel":
      return walkParallel(draft, { ...place, node }, state);
    case "choice":
      return walkChoice(draft, { ...place, node }, state);
    case "map":
      return walkMap(draft, { ...place, node }, state);
    case "flow":
      return walkSequence(draft, { ...place, node }, state);
    case "wait":
      if (state === undefined)
        emit(draft, "WaitStarted", { ...at(place), event: node.event, dueAt: draft.now + node.timeoutMs });
      return "open";
    case "human":
      if (state === undefined)
        emit(draft, "HumanAsked", {
          ...at(place),
          ask: nextId(draft),
          question: node.ask,
          dueAt: draft.now + node.timeoutMs,
        });
      return "open";
    case "transform":
      return walkTransform(draft, { ...place, node });
    case "emit":
      return walkEmit(draft, { ...place, node });
    case "reply":
      return withValue(draft, place, node.body, (body) => {
        emit(draft, "ReplySent", { run: place.run.id, to: place.run.trigger, body });
        emit(draft, "StepCompleted", at(place));
      });
  }
}

/** How far a step is, as it stands: nothing is started or ended. */
export function peek(draft: Draft, place: Place): Progress {
  const state = stateOf(draft, place);
  if (state !== undefined && state.status !== "open") return ended(state);
  const { node } = place;
  if (node.kind === "choice" && state?.status === "open" && state.kind === "choice") {
    const taken = childrenOf(node).find(([part]) => part === state.branch);
    return taken === undefined ? "open" : peek(draft, childPlace(place, ...taken));
  }
  if (node.kind !== "sequence" && node.kind !== "flow") return "open";
  for (const [part, child] of childrenOf(node)) {
    const progress = peek(draft, childPlace(place, part, child));
    if (!isDone(progress)) return progress;
  }
  return "done";
}

function stateOf(draft: Draft, place: Place): StepState | undefined {
  return liveRunOf(draft.state, place.run.id).steps[place.step];
}

function ended(state: EndedStep): Progress {
  if (state.status === "failed")
    return { failed: state.error ?? { code: "internal", message: "The step failed." } };
  return state.empty ? "empty" : "done";
}

function walkTask(draft: Draft, place: Place, state: StepState | undefined): Progress {
  if (state === undefined) createTask(draft, place);
  // A dispatch may end the task at once, through its fallbacks: look again until it has ended or waits.
  for (;;) {
    const now = stateOf(draft, place);
    if (now === undefined || now.status !== "open") return now === undefined ? "open" : ended(now);
    if (now.kind !== "task") return "open";
    const placed = placeTask(draft, now.task);
    if (!isDue(draft, placed.task) || !hasRoom(draft)) return "open";
    dispatch(draft, placed);
  }
}

/** One step after another. A sub-flow is a sequence of one. */
function walkSequence(draft: Draft, place: At<"sequence" | "flow">, state: StepState | undefined): Progress {
  const { kind, timeoutMs } = place.node;
  const bounded = timeoutMs !== undefined;
  if (bounded && state === undefined)
    emit(draft, "StepStarted", { ...at(place), kind, dueAt: draft.now + timeoutMs });
  let last: "done" | "empty" = "done";
  for (const [part, child] of childrenOf(place.node)) {
    const progress = walk(draft, childPlace(place, part, child));
    if (progress === "open") return "open";
    if (!isDone(progress)) {
      if (bounded) emit(draft, "StepFailed", { ...at(place), error: progress.failed });
      return progress;
    }
    // What only tells others is no answer of its own.
    if (child.kind !== "emit" && child.kind !== "reply") last = progress;
  }
  if (bounded) emit(draft, "StepCompleted", { ...at(place), ...endedAs(last) });
  return last;
}

function walkParallel(draft: Draft, place: At<"parallel">, state: StepState | undefined): Progress {
  if (state === undefined)
    emit(draft, "StepStarted", { ...at(place), kind: "parallel", ...dueAt(draft, place.node) });
  const branches = childrenOf(place.node).map(([name, branch]) => {
    const child = childPlace(place, name, branch);
    return { name, place: child, progress: walk(draft, child) };
  });
  return decideJoin(draft, place, branches);
}

const dueAt = (draft: Draft, node: ParallelNode<ContractSpec> | MapNode<ContractSpec>) =>
  node.timeoutMs === undefined ? {} : { dueAt: draft.now + node.timeoutMs };

function walkChoice(draft: Draft, place: At<"choice">, state: StepState | undefined): Progress {
  if (state === undefined) emit(draft, "ChoiceMade", { ...at(place), ...choose(draft, place, place.node) });
  const now = stateOf(draft, place);
  const branch = now?.status === "open" && now.kind === "choice" ? now.branch : "otherwise";
  const child = childrenOf(place.node).find(([part]) => part === branch)?.[1] ?? place.node.otherwise;
  return walk(draft, childPlace(place, branch, child));
}

/** The first arm whose condition holds. A condition that fails to evaluate does not hold, and the log says so. */
function choose(draft: Draft, place: Place, node: ChoiceNode<ContractSpec>) {
  const scope = scopeOf(draft.state, place);
  const errors: string[] = [];
  const values: Record<string, Json> = {};
  const noted = () => ({
    ...(errors.length > 0 && { errors }),
    ...(Object.keys(values).length > 0 && { values }),
  });
  for (const [index, arm] of node.when.entries()) {
    const result = evaluate(arm.if, scope);
    noteValues(arm.if, scope, values);
    if (isTrue(result)) return { branch: `when/${index}`, condition: arm.if, ...noted() };
    if (!result.ok) errors.push(`${arm.if}: ${result.error}`);
  }
  return { branch: "otherwise", ...noted() };
}

/** A longer value says little to a reader and would make every commit of the choice as large. */
const MAX_NOTED_VALUE = 80;

function noteValues(condition: string, scope: JsonObject, into: Record<string, Json>): void {
  for (const path of pathsOf(condition)) {
    const value = valueAt(scope, path);
    if (value !== undefined && isWithin(value, MAX_NOTED_VALUE)) into[path] = value;
  }
}

function walkMap(draft: Draft, place: At<"map">, state: StepState | undefined): Progress {
  const { node } = place;
  if (state === undefined) {
    const failure = startMap(draft, place);
    if (failure !== undefined) return { failed: failure };
  }
  const now = stateOf(draft, place);
  const items = now?.status === "open" && now.kind === "map" ? now.items : [];
  const keys = now?.status === "open" && now.kind === "map" ? now.keys : undefined;
  let open = 0;
  let empty = 0;
  for (const [index, value] of items.entries()) {
    if (open >= node.maxConcurrent) break;
    const progress = walk(draft, itemPlace(place, node.each, { index, value, key: keys?.[index] }));
    if (progress === "open") open += 1;
    else if (progress === "empty") empty += 1;
    else if (progress !== "done") {
      cancelWithin(draft, place, "another item failed");
      emit(draft, "StepFailed", { ...at(place), error: progress.failed });
      return progress;
    }
  }
  if (open > 0) return "open";
  const last = empty > 0 && empty === items.length ? "empty" : "done";
  emit(draft, "StepCompleted", { ...at(place), ...endedAs(last) });
  return last;
}

function startMap(draft: Draft, place: At<"map">): Failure | undefined {
  const { over, maxItems } = place.node;
  const result = evaluate(over, scopeOf(draft.state, place));
  let problem: string | undefined;
  if (!result.ok) problem = result.error;
  else if (!Array.isArray(result.value)) problem = "the value is not a list";
  else if (result.value.length > maxItems)
    problem = `the list has ${result.value.length} items, more than maxItems ${maxItems}`;
  else {
    // Array.isArray does not narrow a readonly array out of Json.
    const items = result.value as readonly Json[];
    const keys = keysOf(draft, place, items);
    if (typeof keys !== "string") {
      emit(draft, "MapStarted", {
        ...at(place),
        items,
        ...keys,
        ...emptied(place),
        ...dueAt(draft, place.node),
      });
      return undefined;
    }
    return failStep(draft, place, { code: "condition.failed", message: `${place.node.key}: ${keys}` });
  }
  return failStep(draft, place, { code: "condition.failed", message: `${over}: ${problem}` });
}

/** An item's name becomes part of a path. */
const ITEM_KEY = /^[A-Za-z0-9_-]{1,64}$/;

/** The items' names, or what is wrong with them. */
function keysOf(
  draft: Draft,
  place: At<"map">,
  items: readonly Json[],
): { readonly keys?: readonly string[] } | string {
  const { key, each } = place.node;
  if (key === undefined) return {};
  const keys: string[] = [];
  const scopes = items.map((value, index) =>
    scopeOf(draft.state, itemPlace(place, each, { index, value, key: undefined })),
  );
  for (const [index, result] of evaluateEach(key, scopes).entries()) {
    if (!result.ok) return result.error;
    const name = typeof result.value === "number" ? String(result.value) : result.value;
    if (typeof name !== "string" || !ITEM_KEY.test(name))
      return `item ${index} is not named by 1 to 64 letters, digits, "_" or "-"`;
    if (keys.includes(name)) return `items ${keys.indexOf(name)} and ${index} have one name`;
    keys.push(name);
  }
  return { keys };
}

/** The sections that a map's items fill: empty until they do. */
function emptied(place: At<"map">): { readonly slots?: readonly string[] } {
  const { sheet } = place.run;
  if (sheet === undefined) return {};
  const own = sectionsInside(place.node.each).filter((section) => !sheet.keeps.includes(section));
  return { slots: [...new Set(own)].map((section) => writePath(place, section)) };
}

function failStep(draft: Draft, place: Place, error: Failure): Failure {
  emit(draft, "StepFailed", { ...at(place), error });
  return error;
}

/** Evaluates an expression and goes on with its value; the step fails if there is none. */
function withValue(draft: Draft, place: Place, expression: string, then: (value: Json) => void): Progress {
  const result = evaluate(expression, scopeOf(draft.state, place));
  if (!result.ok)
    return {
      failed: failStep(draft, place, { code: "condition.failed", message: `${expression}: ${result.error}` }),
    };
  then(result.value);
  return "done";
}

function walkTransform(draft: Draft, place: At<"transform">): Progress {
  const scope = scopeOf(draft.state, place);
  const set: Record<string, Json> = {};
  for (const [path, expression] of Object.entries(place.node.set)) {
    const result = evaluate(expression, scope);
    if (!result.ok)
      return {
        failed: failStep(draft, place, {
          code: "condition.failed",
          message: `${path} = ${expression}: ${result.error}`,
        }),
      };
    set[writePath(place, path)] = result.value;
  }
  emit(draft, "ContextTransformed", { ...at(place), set });
  return "done";
}

function walkEmit(draft: Draft, place: At<"emit">): Progress {
  // An emitted event costs a hop even where no task is dispatched: flows may start each other in one commit.
  const { hops } = budgetLeft(draft, place.run.id);
  const spent = exhausted(draft, place.run.id, { hops });
  if (spent !== undefined) return { failed: failStep(draft, place, spent) };
  return withValue(draft, place, place.node.data, (data) => {
    const match = matchUnrefusable(draft, place.node.event, data);
    const disposed = keepsEvents(draft) ? disposedOf(match) : {};
    emit(draft, "EventEmitted", { ...at(place), type: place.node.event, data, ...disposed });
    deliver(draft, match);
  });
}
