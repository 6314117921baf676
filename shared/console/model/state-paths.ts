import { differencesBelow, type Difference } from "#core/context/differences.ts";
import { childPath } from "#core/context/path.ts";
import { isTree, lastChangeOf } from "#core/context/versions.ts";
import type { Json, JsonObject } from "#core/json.ts";
import type { ShownState } from "#core/session/shown.ts";

/** A value of a session at one moment. */
export interface StatePath {
  /** With the run in front, where the session does not have it yet. */
  readonly path: string;
  readonly value: Json;
  /** Sequence of the event that wrote it last; 0 if none did. */
  readonly writtenAt: number;
  /** The run on whose sheet it stands. */
  readonly run?: string;
}

/** Every value of a state, as deep as objects go, with who wrote it. */
export function pathsOfState({
  context,
  versions,
  sheets,
}: Pick<ShownState, "context" | "versions" | "sheets">): readonly StatePath[] {
  const ofSession = leaves(context).map(([path, value]) => ({
    path,
    value,
    writtenAt: lastChangeOf(versions, path),
  }));
  const ofRuns = Object.entries(sheets).flatMap(([run, sheet]) =>
    leaves(sheet.context).map(([path, value]) => ({
      path,
      value,
      writtenAt: lastChangeOf(sheet.versions, path),
      run,
    })),
  );
  return [...ofSession, ...ofRuns];
}

export interface StateChange extends Difference {
  readonly run?: string;
}

/** What one event changed: where two states differ. What a run had of its own and ended with is no change of its sheet. */
export function stateChanges(
  before: Pick<ShownState, "context" | "sheets"> | undefined,
  after: Pick<ShownState, "context" | "sheets">,
): readonly StateChange[] {
  const runs = Object.keys(after.sheets);
  return [
    ...below(before?.context ?? {}, after.context),
    ...runs.flatMap((run) =>
      below(sheetIn(before, run), sheetIn(after, run)).map((change) => ({ ...change, run })),
    ),
  ];
}

type Sheets = Readonly<Record<string, { readonly context: JsonObject }>>;
const sheetIn = (state: Pick<ShownState, "sheets"> | undefined, run: string): JsonObject => {
  const sheets: Sheets = state?.sheets ?? {};
  return sheets[run]?.context ?? {};
};

const below = (one: JsonObject, other: JsonObject): readonly Difference[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((section) =>
    differencesBelow(section, one[section], other[section]),
  );

function leaves(document: JsonObject, at?: string): readonly (readonly [string, Json])[] {
  return Object.entries(document).flatMap(([key, value]) => {
    const path = at === undefined ? key : childPath(at, key);
    return isTree(value) && Object.keys(value).length > 0 ? leaves(value, path) : [[path, value] as const];
  });
}
