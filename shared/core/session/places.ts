import { valueAt, withValueAt } from "../context/document.ts";
import { isBelow } from "../context/path.ts";
import { lastChangeOf } from "../context/versions.ts";
import type { ContractSpec } from "../contract.ts";
import { SpineError } from "../errors.ts";
import type { CompiledFlow, CompiledNode } from "../flow/plan.ts";
import { childrenOf, visitPlan } from "../flow/visit-plan.ts";
import { sectionOf } from "../flow/writes.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { covering, isSheet, layered, sheetPath } from "./sheet.ts";
import type { LiveRun, SessionState } from "./state.ts";

/** The name by which a run reads what earlier ones left: `before.<section>`. */
const BEFORE = "before";

/** Whether that name means this. Under form 1 it was not taken, and a section could have it. */
const asksBefore = ({ context }: SessionState, { run }: Place): boolean =>
  run.sheet !== undefined || !Object.hasOwn(context, BEFORE);

/** An item of a map that a step runs for. */
export interface ItemScope {
  readonly key: string;
  readonly index: number;
  /** The map names its items: a key is the same item in another list. */
  readonly named: boolean;
  readonly value: Json;
  /** The body of the map: what runs for it. */
  readonly each: CompiledNode;
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
export const WIDE_FORK = 4;

export function rootPlace(run: LiveRun, flow: CompiledFlow): Place {
  return { run, flow, node: flow.plan, step: "plan", items: [], crowded: false };
}

export function childPlace(place: Place, part: string, node: CompiledNode): Place {
  const crowded =
    place.crowded || (place.node.kind === "parallel" && Object.keys(place.node.branches).length > WIDE_FORK);
  return { ...place, node, step: `${place.step}/${part}`, crowded };
}

/** Sections that are keyed by item inside a map's body: those of agents. What other steps write there, items share. */
export function sectionsInside(each: CompiledNode): readonly string[] {
  const sections: string[] = [];
  visitPlan(each, ({ node }) => {
    if (node.kind === "task") sections.push(node.agent.writes);
  });
  return sections;
}

/** Whether a section is one of these: asked for every path that a step inside a map names. */
const isKeyed = (node: CompiledNode, section: string): boolean =>
  (node.kind === "task" && node.agent.writes === section) ||
  childrenOf(node).some(([, child]) => isKeyed(child, section));

export function itemPlace(
  place: Place,
  each: CompiledNode,
  { index, value, key }: { readonly index: number; readonly value: Json; readonly key: string | undefined },
): Place {
  const named = key !== undefined;
  const item = { key: key ?? String(index), index, named, value, each };
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
    const { items = [], keys = [] } = state !== undefined && "items" in state ? state : {};
    return itemPlace(place, place.node.each, { index, value: items[index] ?? null, key: keys[index] });
  }
  for (const [part, node] of childrenOf(place.node)) {
    if (rest === part || rest.startsWith(`${part}/`)) return childPlace(place, part, node);
  }
  throw new SpineError("log.corrupt", `Step ${step} is not in flow ${place.flow.name}.`);
}

const isOwn = ({ run: { sheet }, flow }: Place, path: string): boolean =>
  sheet === undefined
    ? flow.onBusy === "parallel" && flow.sections.includes(sectionOf(path))
    : covering(sheet.paths, path) !== undefined || sheet.keeps.includes(sectionOf(path));

/** A path that a step names, with the keys of the items that it runs for. */
function keyedPath(place: Place, path: string): string {
  const section = sectionOf(path);
  const keys = place.items.filter((item) => isKeyed(item.each, section)).map((item) => item.key);
  return [section, ...keys].join(".") + path.slice(section.length);
}

const ownPath = (place: Place, path: string): string =>
  `${sheetPath(place.run.id)}.${keyedPath(place, path)}`;

/** Where a path that a step names is written in the session's document. */
export function writePath(place: Place, path: string): string {
  return isOwn(place, path) ? ownPath(place, path) : keyedPath(place, path);
}

/** Where what a step reads stands in the document: the run's own, or the session's. None where it lies in both. */
function readPath(state: SessionState, place: Place, path: string): string | undefined {
  const { sheet } = place.run;
  if (sheet === undefined) return readPathOfForm1(state, place, path);
  const section = sectionOf(path);
  if (sheet.keeps.includes(section)) {
    const written = valueAt(state.context, ownPath(place, section)) !== undefined;
    return written ? ownPath(place, path) : keyedPath(place, path);
  }
  if (covering(sheet.paths, path) !== undefined) return ownPath(place, path);
  return sheet.paths.some((one) => isBelow(one, path)) ? undefined : keyedPath(place, path);
}

/** A run that began under form 1 reads a section of its own where it has one, else the session's. */
function readPathOfForm1(state: SessionState, place: Place, path: string): string {
  const section = `${sheetPath(place.run.id)}.${sectionOf(path)}`;
  return isOwn(place, path) && valueAt(state.context, section) !== undefined
    ? ownPath(place, path)
    : keyedPath(place, path);
}

/** The value that a slot holds for a fallback: the run's own, or what an earlier run left for the same item. */
export function lastKnown(state: SessionState, place: Place, slot: string): Json | undefined {
  const own = `${sheetPath(place.run.id)}.`;
  const known = valueAt(state.context, slot);
  if (known !== undefined || !slot.startsWith(own)) return known;
  // By its index an item is another one in every list.
  const nameless = place.run.sheet !== undefined && place.items.some(({ named }) => !named);
  return nameless ? undefined : valueAt(state.context, slot.slice(own.length));
}

/** What belongs to the run itself and never changes under it. */
function fixedValue(place: Place, section: string): Json | undefined {
  if (section === "input") return place.run.input;
  if (section === "undo") return place.undo;
  const item = place.items.at(-1);
  return section === "item" && item !== undefined
    ? { key: item.key, index: item.index, value: item.value }
    : undefined;
}

/** A path inside a section that is no part of the document. */
const inside = (value: Json, path: string, section: string): Json | undefined =>
  path === section ? value : isJsonObject(value) ? valueAt(value, path.slice(section.length + 1)) : undefined;

function readValue(state: SessionState, place: Place, path: string): Json | undefined {
  const section = sectionOf(path);
  const fixed = fixedValue(place, section);
  if (fixed !== undefined) return inside(fixed, path, section);
  const { sheet } = place.run;
  if (section === BEFORE && asksBefore(state, place)) return inside(sessionLayer(state), path, section);
  const read = readPath(state, place, path);
  if (read !== undefined) return valueAt(state.context, read);
  const session = valueAt(state.context, keyedPath(place, path));
  if (sheet === undefined) return session;
  return layered(session, path, sheet, (one) => valueAt(state.context, ownPath(place, one)));
}

/** The sequence at which what a step reads by this path last changed. */
export function lastChange(state: SessionState, place: Place, path: string): number {
  const { versions } = state;
  const { sheet } = place.run;
  if (sectionOf(path) === BEFORE && asksBefore(state, place))
    return lastChangeOf(versions, path.slice(BEFORE.length + 1));
  if (sheet === undefined) {
    const paths = [writePath(place, path), readPath(state, place, path) ?? path];
    return Math.max(...paths.map((one) => lastChangeOf(versions, one)));
  }
  const read = readPath(state, place, path);
  if (read !== undefined) return lastChangeOf(versions, read);
  const own = sheet.paths.filter((one) => isBelow(one, path));
  return Math.max(
    lastChangeOf(versions, keyedPath(place, path), own),
    ...own.map((one) => lastChangeOf(versions, ownPath(place, one))),
  );
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
  return contract.reads.filter(
    (path) => fixedValue(place, sectionOf(path)) === undefined && lastChange(state, place, path) > asOf,
  );
}

/** What the session holds without the runs under way: what earlier runs left. */
function sessionLayer(state: SessionState): JsonObject {
  return Object.fromEntries(Object.entries(state.context).filter(([section]) => !isSheet(section)));
}

/** What a condition or expression of a step may speak of. */
export function scopeOf(state: SessionState, place: Place, event?: Json): JsonObject {
  const scope: Record<string, Json> = {};
  const { sheet } = place.run;
  const session = sessionLayer(state);
  const own = state.context[sheetPath(place.run.id)];
  for (const section of [...Object.keys(session), ...(isJsonObject(own) ? Object.keys(own) : [])]) {
    const value = readValue(state, place, section);
    if (value !== undefined) scope[section] = value;
    else if (sheet === undefined) scope[section] = null;
  }
  if (asksBefore(state, place)) scope[BEFORE] = session;
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
    const path = readPath(state, place, section);
    const confidence = path === undefined ? undefined : state.findings[path]?.confidence;
    if (confidence !== undefined) known[section] = confidence;
  }
  return known;
}

/** What a trigger's condition may speak of: the event, and the session's context before it. */
export function triggerScope(state: SessionState, data: Json): JsonObject {
  const known: Record<string, Json> = {};
  for (const [slot, { confidence }] of Object.entries(state.findings))
    if (confidence !== undefined && !slot.includes(".")) known[slot] = confidence;
  return { ...sessionLayer(state), event: data, confidence: known };
}
