import { valueAt, withValueAt } from "../context/document.ts";
import { lastChangeOf } from "../context/versions.ts";
import type { ContractSpec } from "../contract.ts";
import { SpineError } from "../errors.ts";
import type { CompiledFlow, CompiledNode } from "../flow/plan.ts";
import { childrenOf, visitPlan } from "../flow/walk.ts";
import { sectionOf } from "../flow/writes.ts";
import type { RunId } from "../ids.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { LiveRun, SessionState } from "./state.ts";

/** Where a `parallel` flow's run keeps its sections until it ends: others run beside it. No agent can name this path. */
export const ownSections = (run: RunId): string => `~${run}`;

/** An item of a map that a step runs for, with the sections that are keyed by item there. */
export interface ItemScope {
  readonly key: string;
  readonly value: Json;
  readonly sections: readonly string[];
}

/** A step of a run with all that decides which paths its names mean. */
export interface Place {
  readonly run: LiveRun;
  readonly flow: CompiledFlow;
  readonly node: CompiledNode;
  /** Its name in the run: its place in the plan, with `[key]` behind each map. */
  readonly step: string;
  readonly items: readonly ItemScope[];
  /** Whether answers race: inside a map, or a fork wider than this. */
  readonly crowded: boolean;
  /** What the step is to undo. */
  readonly undo?: JsonObject;
}

/** Answers of wider forks go to the answers queue at once. */
const WIDE_FORK = 4;

export function rootPlace(run: LiveRun, flow: CompiledFlow): Place {
  return { run, flow, node: flow.plan, step: "plan", items: [], crowded: false };
}

export function childPlace(place: Place, part: string, node: CompiledNode): Place {
  const crowded =
    place.crowded || (place.node.kind === "parallel" && Object.keys(place.node.branches).length > WIDE_FORK);
  return { ...place, node, step: `${place.step}/${part}`, crowded };
}

const keyedSections = new WeakMap<CompiledNode, readonly string[]>();

/** Sections that are keyed by item inside a map's body: those of agents. What other steps write there, items share. */
function sectionsInside(each: CompiledNode): readonly string[] {
  const known = keyedSections.get(each);
  if (known !== undefined) return known;
  const sections: string[] = [];
  visitPlan(each, ({ node }) => {
    if (node.kind === "task") sections.push(node.agent.writes);
  });
  keyedSections.set(each, sections);
  return sections;
}

export function itemPlace(place: Place, each: CompiledNode, index: number, value: Json): Place {
  const item = { key: String(index), value, sections: sectionsInside(each) };
  return {
    ...place,
    node: each,
    step: `${place.step}/each[${index}]`,
    items: [...place.items, item],
    crowded: true,
  };
}

/** Finds a step of a run by its name. */
export function locate(run: LiveRun, flow: CompiledFlow, step: string): Place {
  let place = rootPlace(run, flow);
  while (place.step !== step) place = nextTowards(place, step);
  return place;
}

function nextTowards(place: Place, step: string): Place {
  const rest = step.slice(place.step.length + 1);
  if (place.node.kind === "map") {
    const index = Number(/^each\[(\d+)\]/.exec(rest)?.[1]);
    const state = place.run.steps[place.step];
    const items = state !== undefined && "items" in state ? (state.items ?? []) : [];
    return itemPlace(place, place.node.each, index, items[index] ?? null);
  }
  for (const [part, node] of childrenOf(place.node)) {
    if (rest === part || rest.startsWith(`${part}/`)) return childPlace(place, part, node);
  }
  throw new SpineError("log.corrupt", `Step ${step} is not in flow ${place.flow.name}.`);
}

const isOwn = (place: Place, section: string): boolean =>
  place.flow.onBusy === "parallel" && place.flow.sections.includes(section);

/** Where a path that a step names is written in the session's context. */
export function writePath(place: Place, path: string): string {
  const section = sectionOf(path);
  const keys = place.items.filter((item) => item.sections.includes(section)).map((item) => item.key);
  const inside = path.slice(section.length);
  const keyed = [section, ...keys].join(".") + inside;
  return isOwn(place, section) ? `${ownSections(place.run.id)}.${keyed}` : keyed;
}

/** Where a path that a step names is read: a run's own section where it has one, else the session's. */
function readPath(state: SessionState, place: Place, path: string): string {
  const written = writePath(place, path);
  const section = sectionOf(path);
  if (
    !isOwn(place, section) ||
    valueAt(state.context, `${ownSections(place.run.id)}.${section}`) !== undefined
  )
    return written;
  return written.slice(ownSections(place.run.id).length + 1);
}

/** The value that a slot holds for a step: the run's own, or what an earlier run left. */
export function lastKnown(state: SessionState, place: Place, slot: string): Json | undefined {
  const own = `${ownSections(place.run.id)}.`;
  return (
    valueAt(state.context, slot) ??
    (slot.startsWith(own) ? valueAt(state.context, slot.slice(own.length)) : undefined)
  );
}

/** What belongs to the run itself and never changes under it. */
function fixedValue(place: Place, section: string): Json | undefined {
  if (section === "input") return place.run.input;
  if (section === "undo") return place.undo;
  const item = place.items.at(-1);
  return section === "item" && item !== undefined
    ? { key: item.key, index: Number(item.key), value: item.value }
    : undefined;
}

function readValue(state: SessionState, place: Place, path: string): Json | undefined {
  const section = sectionOf(path);
  const fixed = fixedValue(place, section);
  if (fixed === undefined) return valueAt(state.context, readPath(state, place, path));
  return path === section
    ? fixed
    : isJsonObject(fixed)
      ? valueAt(fixed, path.slice(section.length + 1))
      : undefined;
}

/** Everything that a contract reads, in one document. A path without a value is left out. */
export function viewOf(state: SessionState, place: Place, contract: ContractSpec): JsonObject {
  return contract.reads.reduce<JsonObject>((view, path) => {
    const value = readValue(state, place, path);
    return value === undefined ? view : withValueAt(view, path, value);
  }, {});
}

/** The paths a contract reads that changed, or had one above or below them change, after sequence `asOf`. */
export function changedReads(
  state: SessionState,
  place: Place,
  contract: ContractSpec,
  asOf: number,
): readonly string[] {
  return contract.reads.filter((path) => {
    if (fixedValue(place, sectionOf(path)) !== undefined) return false;
    const written = writePath(place, path);
    const read = readPath(state, place, path);
    const last = Math.max(
      lastChangeOf(state.versions, written),
      read === written ? 0 : lastChangeOf(state.versions, read),
    );
    return last > asOf;
  });
}

/** What a condition or expression of a step may speak of. */
export function scopeOf(state: SessionState, place: Place, event?: Json): JsonObject {
  const scope: Record<string, Json> = {};
  for (const section of Object.keys(state.context)) {
    if (!section.startsWith("~")) scope[section] = readValue(state, place, section) ?? null;
  }
  const own = state.context[ownSections(place.run.id)];
  if (isJsonObject(own))
    for (const section of Object.keys(own)) scope[section] = readValue(state, place, section) ?? null;
  scope["input"] = place.run.input;
  const item = fixedValue(place, "item");
  if (item !== undefined) scope["item"] = item;
  if (event !== undefined) scope["event"] = event;
  scope["confidence"] = confidences(state, place, Object.keys(scope));
  return scope;
}

function confidences(state: SessionState, place: Place, sections: readonly string[]): JsonObject {
  const known: Record<string, Json> = {};
  for (const section of sections) {
    const confidence = state.findings[readPath(state, place, section)]?.confidence;
    if (confidence !== undefined) known[section] = confidence;
  }
  return known;
}

/** What a trigger's condition may speak of: the event, and the session's context before it. */
export function triggerScope(state: SessionState, data: Json): JsonObject {
  const scope: Record<string, Json> = {};
  for (const [section, value] of Object.entries(state.context))
    if (!section.startsWith("~")) scope[section] = value;
  const known: Record<string, Json> = {};
  for (const [slot, { confidence }] of Object.entries(state.findings))
    if (confidence !== undefined && !slot.includes(".")) known[slot] = confidence;
  return { ...scope, event: data, confidence: known };
}
