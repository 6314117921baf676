import { isBelow } from "../context/path.ts";
import type { PathVersions } from "../context/versions.ts";
import type { RunId } from "../ids.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { isSheet, plainPath, sheetPath } from "./sheet.ts";
import { isLive, type LiveRun, type RunState, type SessionState } from "./state.ts";

/** What a run has written by now and its session does not have yet, by the names that its steps know. */
export interface ShownSheet {
  readonly context: JsonObject;
  readonly versions: PathVersions;
  readonly findings: SessionState["findings"];
}

/** A state for those who look at it: the session's context, and apart from it the sheets of runs under way. */
export interface ShownState extends SessionState {
  readonly sheets: Readonly<Record<RunId, ShownSheet>>;
}

/** A state as it is shown. Every path in it has the name that steps know it by. */
export function shown(state: SessionState): ShownState {
  const live = Object.values(state.runs).filter(isLive);
  const sheets = live.flatMap(({ id }) => {
    const own = state.context[sheetPath(id)];
    if (!isJsonObject(own)) return [];
    const inside = (path: string): boolean => isBelow(path, sheetPath(id));
    return [
      [
        id,
        { context: own, versions: named(state.versions, inside), findings: named(state.findings, inside) },
      ],
    ] as const;
  });
  const outside = (path: string): boolean => !isSheet(path);
  return {
    ...state,
    context: Object.fromEntries(Object.entries(state.context).filter(([section]) => outside(section))),
    versions: named(state.versions, outside),
    findings: named(state.findings, outside),
    runs: mapped(state.runs, shownRun),
    tasks: mapped(state.tasks, (task) => ({ ...task, slot: plainPath(task.slot) })),
    sheets: Object.fromEntries(sheets),
  };
}

function shownRun(run: RunState): RunState {
  if (!isLive(run)) return run;
  const { lastSlot, memories, claimed } = run;
  const patch: Partial<LiveRun> = {
    ...(lastSlot !== undefined && { lastSlot: plainPath(lastSlot) }),
    ...(memories !== undefined && { memories: named(memories, () => true) }),
    ...(claimed !== undefined && { claimed: mapped(claimed, plainPath) }),
  };
  return { ...run, ...patch };
}

/** Those of a record's entries whose path is meant, by their plain names. */
const named = <T>(record: Readonly<Record<string, T>>, isMeant: (path: string) => boolean) =>
  Object.fromEntries(
    Object.entries(record).flatMap(([path, value]) => (isMeant(path) ? [[plainPath(path), value]] : [])),
  );

const mapped = <T>(record: Readonly<Record<string, T>>, change: (value: T) => T) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
