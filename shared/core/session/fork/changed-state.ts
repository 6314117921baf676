import { withValueAt } from "../../context/document.ts";
import { sectionOf } from "../../flow/writes.ts";
import type { HashedFlow } from "../../flow/plan.ts";
import { isJsonObject, type Json, type JsonObject } from "../../json.ts";
import { forget } from "../evolve/patch.ts";
import { covering, sheetPath, type Sheet } from "../sheet.ts";
import { isLive, type LiveRun, type QueuedRun, type RunState, type SessionState } from "../state.ts";

/** What a fork has in place of what its origin had. */
export interface ForkChanges {
  /** Values by the paths that steps know them by: `input.…`, `confidence.<section>`, or a path of a section. */
  readonly set?: JsonObject;
  /** Its runs begin anew, under this version of their flow. */
  readonly flow?: HashedFlow;
}

/** The state with these changes. What a run has on its sheet is changed there. */
export function changedState(state: SessionState, { set = {}, flow }: ForkChanges): SessionState {
  const changed = Object.entries(set).reduce((next, [path, value]) => withChange(next, path, value), state);
  return flow === undefined ? changed : withFlow(changed, flow);
}

function withChange(state: SessionState, path: string, value: Json): SessionState {
  const section = sectionOf(path);
  if (section === "input") return withInput(state, path, value);
  if (section === "confidence") return withConfidence(state, path.slice(section.length + 1), value);
  const own = Object.values(state.runs).flatMap((run) =>
    isLive(run) && standsOnSheet(state, run, path) ? [run] : [],
  );
  const onSheets = own.map(({ id }) => `${sheetPath(id)}.${path}`);
  // Of a path above what steps write, the rest is the session's.
  const isAll = own.length > 0 && own.every(({ sheet }) => sheet !== undefined && !isAbove(sheet, path));
  const paths = isAll ? onSheets : [...onSheets, path];
  return {
    ...state,
    context: paths.reduce((context, at) => withValueAt(context, at, value), state.context),
    versions: { ...state.versions, ...Object.fromEntries(paths.map((at) => [at, state.sequence])) },
  };
}

function withInput(state: SessionState, path: string, value: Json): SessionState {
  const changed = (input: Json): Json => withValueAt({ input }, path, value)["input"] ?? null;
  const runs = Object.values(state.runs).map((run): [string, RunState] => [
    run.id,
    { ...run, input: changed(run.input) },
  ]);
  return {
    ...state,
    context: { ...state.context, input: changed(state.context["input"] ?? null) },
    // Made of the same runs, by the same keys.
    runs: Object.fromEntries(runs) as SessionState["runs"],
  };
}

function withConfidence(state: SessionState, section: string, value: Json): SessionState {
  if (typeof value !== "number") return state;
  const own = Object.values(state.runs).map(({ id }) => `${sheetPath(id)}.${section}`);
  const slots = [...own, section].filter((slot) => state.findings[slot] !== undefined);
  const found = (slots.length > 0 ? slots.slice(0, 1) : [section]).map((slot) => [
    slot,
    { by: "fork", ...state.findings[slot], confidence: value },
  ]);
  return { ...state, findings: { ...state.findings, ...Object.fromEntries(found) } };
}

function standsOnSheet(state: SessionState, { id, sheet }: LiveRun, path: string): boolean {
  if (sheet === undefined) return false;
  if (covering(sheet.paths, path) !== undefined || isAbove(sheet, path)) return true;
  const own = state.context[sheetPath(id)];
  return sheet.keeps.includes(sectionOf(path)) && isJsonObject(own) && Object.hasOwn(own, sectionOf(path));
}

const isAbove = ({ paths }: Sheet, path: string): boolean => paths.some((one) => one.startsWith(`${path}.`));

function withFlow(state: SessionState, { hash, flow }: HashedFlow): SessionState {
  const runs = Object.values(state.runs).map((run) => (run.name === flow.name ? begunAnew(run, hash) : run));
  const anew = new Set<string>(runs.filter((run) => !isLive(run)).map(({ id }) => id));
  const cleared = [...anew].reduce((next, id) => forget(next, sheetPath(id as RunState["id"])), state);
  const tasks = Object.values(state.tasks).filter(({ run }) => !anew.has(run));
  return {
    ...cleared,
    // Made of the same entries, by the same keys.
    runs: Object.fromEntries(runs.map((run) => [run.id, run])) as SessionState["runs"],
    tasks: Object.fromEntries(tasks.map((task) => [task.id, task])) as SessionState["tasks"],
  };
}

function begunAnew({ id, name, onBusy, lane, trigger, input, correlation, ...run }: RunState, flow: string) {
  const { traceparent, live } = run;
  const queued: QueuedRun = {
    ...{ id, name, onBusy, lane, trigger, input, correlation },
    status: "queued",
    flow,
    hops: 0,
    ...(traceparent !== undefined && { traceparent }),
    ...(live && { live }),
  };
  return queued;
}
