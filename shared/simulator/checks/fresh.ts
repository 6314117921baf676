import { valueAt, withValueAt } from "#core/context/document.ts";
import type { CompiledFlow, CompiledNode } from "#core/flow/plan.ts";
import { visitPlan } from "#core/flow/visit-plan.ts";
import { isJsonObject, sameJson, type Json, type JsonObject } from "#core/json.ts";
import { attemptName } from "../sim-names.ts";
import { nodeAt, type Dispatch, type History } from "./history.ts";
import { pathsOf, withoutTrace } from "./sheet-paths.ts";
import type { Report } from "./violation.ts";

/**
 * Results stand on what was true: the values that the contract reads are compared where the view was taken and where
 * the result was applied. Every view is compared with the context that it claims to show.
 */
export function checkFresh(history: History, report: Report): void {
  const { events, contexts, dispatches, record } = history;
  const claims = new Map<string, number>();
  for (const event of events) {
    if (event.type === "EffectClaimed") claims.set(attemptName(event.data), event.sequence);
    if (event.type !== "AnswerApplied" && event.type !== "EffectClaimed") continue;
    const attempt = attemptName(event.data);
    const dispatch = dispatches.get(attempt);
    if (dispatch === undefined) {
      report("Nothing lost", "only committed tasks are answered", `${attempt} was never dispatched`);
      continue;
    }
    // Once an effect is claimed its result is a fact: the claim is what had to be fresh.
    if (event.type === "AnswerApplied" && (claims.has(attempt) || dispatch.settles)) continue;
    const changed = changedBetween(history, dispatch, contexts[dispatch.asOf], contexts[event.sequence - 1]);
    const owned = event.type === "AnswerApplied" ? (event.data.stale ?? []) : changed;
    const unsaid =
      dispatch.contract.onStale === "accept" ? changed.filter((path) => !owned.includes(path)) : changed;
    if (unsaid.length > 0) {
      report(
        "Fresh",
        "reads did not change",
        `${event.type} of ${attempt} at ${event.sequence} stands on ${unsaid.join(", ")} of ${dispatch.asOf}`,
      );
    }
  }
  // Attempts that were lost with a table's last minutes may have had the same number, and another view.
  for (const { task, attempt, view } of record.restored ? [] : record.executions) {
    const dispatch = dispatches.get(attemptName({ task, attempt }));
    const context = dispatch === undefined ? undefined : contexts[dispatch.asOf];
    if (dispatch === undefined || context === undefined) continue;
    checkView(history, dispatch, context, view, report);
  }
}

function changedBetween(
  history: History,
  dispatch: Dispatch,
  then: JsonObject | undefined,
  now: JsonObject | undefined,
): readonly string[] {
  if (then === undefined || now === undefined || then === now) return [];
  return dispatch.contract.reads.filter(
    (path) =>
      !isFixed(path) &&
      !sameJson(sharedValue(history, dispatch, then, path), sharedValue(history, dispatch, now, path)),
  );
}

/** What belongs to the run itself: its input, the item of a map that it is at, and what is to be undone. */
const isFixed = (path: string): boolean => ["input", "item", "undo"].includes(firstOf(path));
const firstOf = (path: string): string => path.split(".", 1)[0] ?? path;

function checkView(
  history: History,
  dispatch: Dispatch,
  context: JsonObject,
  view: JsonObject,
  report: Report,
): void {
  for (const path of dispatch.contract.reads) {
    const meant = isFixed(path)
      ? valueAt({ [firstOf(path)]: fixedValue(history, dispatch, firstOf(path)) }, path)
      : sharedValue(history, dispatch, context, path);
    const shown = isJsonObject(view) ? valueAt(view, path) : undefined;
    // An agent's own schema may read null as nothing.
    if (!sameJson(meant ?? null, shown ?? null)) {
      report(
        "Complete",
        "a view shows its sequence",
        `${dispatch.contract.name} was shown another ${path} than that of ${dispatch.asOf}`,
      );
    }
  }
}

function fixedValue({ inputs, maps }: History, { run, step, undo }: Dispatch, section: string): Json {
  if (section === "undo") return undo ?? null;
  // A run's input is the event's data, JSON by its schema.
  if (section === "input") return (inputs.get(run)?.data ?? null) as Json;
  const [, map, at = ""] = /^(.*)\/each\[(\d+)\]/.exec(step) ?? [];
  if (map === undefined) return null;
  const { items = [], keys = [] } = maps.get(`${run} ${map}`) ?? {};
  const index = Number(at);
  return { key: keys[index] ?? at, index, value: items[index] ?? null };
}

/**
 * What a path means to a step: of what its run's steps write the run's own or nothing, of a kept section the session's until
 * the run wrote it, of all else the session's; in a map, for sections that the map's agents write, the part that is the item's.
 */
function sharedValue(
  history: History,
  dispatch: Dispatch,
  context: JsonObject,
  path: string,
): Json | undefined {
  const { flow, run, sheet } = dispatch;
  const section = firstOf(path);
  if (section === "before") return valueAt({ before: context }, path);
  const own = context[`~${run}`] ?? {};
  const sheetOf = isJsonObject(own) ? own : {};
  let value = sheet
    ? sectionOf(flow, sheetOf, context, section)
    : sectionOfForm1(flow, sheetOf, context, section);
  for (const key of itemKeys(history, dispatch, section))
    value = isJsonObject(value ?? null) ? (value as JsonObject)[key] : undefined;
  return path === section || value === undefined ? value : valueAt({ [section]: value }, path);
}

/** Under form 1 only runs of parallel flows had sections of their own, and read the session's until they wrote them. */
function sectionOfForm1(
  flow: CompiledFlow,
  own: JsonObject,
  session: JsonObject,
  section: string,
): Json | undefined {
  const mine =
    flow.onBusy === "parallel" && flow.sections.includes(section) ? valueAt(own, section) : undefined;
  return mine ?? (mine === null ? null : valueAt(session, section));
}

/** A section as a run sees it: the session's, without what the run's steps write, under what they wrote. */
function sectionOf(
  flow: CompiledFlow,
  own: JsonObject,
  session: JsonObject,
  section: string,
): Json | undefined {
  let whole: JsonObject = Object.hasOwn(session, section) ? { [section]: session[section] ?? null } : {};
  for (const { path, kept } of pathsOf(flow)) {
    if (firstOf(path) !== section) continue;
    const mine = valueAt(own, path);
    if (mine !== undefined) whole = withValueAt(whole, path, mine);
    else if (!kept) whole = withoutTrace(whole, path);
  }
  return whole[section];
}

/** The items that a step runs for, as far as their maps' agents write a section. */
function itemKeys({ maps }: History, { flow, run, step }: Dispatch, section: string): readonly string[] {
  const keys: string[] = [];
  for (const { index, 1: at = "" } of step.matchAll(/\/each\[(\d+)\]/g)) {
    const name = step.slice(0, index);
    const map = nodeAt(flow.plan, name);
    if (map?.kind === "map" && agentsIn(map.each).has(section))
      keys.push(maps.get(`${run} ${name}`)?.keys?.[Number(at)] ?? at);
  }
  return keys;
}

const written = new WeakMap<CompiledNode, ReadonlySet<string>>();

function agentsIn(node: CompiledNode): ReadonlySet<string> {
  const known = written.get(node);
  if (known !== undefined) return known;
  const sections = new Set<string>();
  visitPlan(node, (visit) => {
    if (visit.node.kind === "task") sections.add(visit.node.agent.writes);
  });
  written.set(node, sections);
  return sections;
}
