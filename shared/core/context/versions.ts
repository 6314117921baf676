import { isJsonObject, sameJson, type Json, type JsonObject } from "../json.ts";
import { valueAt } from "./document.ts";
import { childPath, isBelow, pathsOverlap } from "./path.ts";

/**
 * The sequence at which each path last changed, deletions included. A value that was added or replaced has one entry, at its own
 * path, which speaks for all below it; later changes inside it have entries of their own.
 */
export type PathVersions = Readonly<Record<string, number>>;

/** Most versioned paths of one session. */
export const MAX_PATHS = 2_000;

export function pathCount(versions: PathVersions): number {
  return Object.keys(versions).length;
}

/**
 * The versions after the value at `path` went from `before` to `after` at `sequence`; the same object when nothing differs.
 * An array is one value: a change inside it is a change of the whole.
 */
export function recordChange(
  versions: PathVersions,
  before: Json | undefined,
  after: Json | undefined,
  path: string,
  sequence: number,
): PathVersions {
  const draft: Draft = { entries: versions, owned: undefined };
  compare(draft, before, after, path, sequence);
  return draft.entries;
}

/**
 * The greatest sequence at which the path, one above or one below it changed; 0 if none did. Changes at or below `except`
 * do not count.
 */
export function lastChangeOf(versions: PathVersions, path: string, except: readonly string[] = []): number {
  let last = 0;
  for (const entry in versions) {
    const sequence = versions[entry] ?? 0;
    if (sequence <= last || !pathsOverlap(entry, path)) continue;
    if (!except.some((one) => one === entry || isBelow(entry, one))) last = sequence;
  }
  return last;
}

/** So many entries below a path are told apart; what has more is versioned as a whole. */
const MAX_TOLD_APART = 64;

/** Versions in which a wide section has one entry: the newest below it. For a session's layer, where runs put whole sections. */
export function joinedBelow(versions: PathVersions, path: string): PathVersions {
  const below = Object.keys(versions).filter((entry) => isBelow(entry, path));
  if (below.length <= MAX_TOLD_APART) return versions;
  const joined: Record<string, number> = { ...versions, [path]: lastChangeOf(versions, path) };
  for (const entry of below) delete joined[entry];
  return joined;
}

/** Drops the deletions that no view can be older than: paths gone from the document, at or before sequence `before`. */
export function forgetDeleted(versions: PathVersions, document: JsonObject, before: number): PathVersions {
  const gone = Object.keys(versions).filter(
    (path) => (versions[path] ?? 0) <= before && valueAt(document, path) === undefined,
  );
  if (gone.length === 0) return versions;
  const kept: Record<string, number> = { ...versions };
  for (const path of gone) delete kept[path];
  return kept;
}

/** Copied at the first change only: most writes repeat what is there. */
interface Draft {
  entries: PathVersions;
  owned: Record<string, number> | undefined;
}

function compare(
  draft: Draft,
  before: Json | undefined,
  after: Json | undefined,
  path: string,
  sequence: number,
): void {
  if (before === after) return;
  if (!isTree(before) || !isTree(after)) {
    if (!sameJson(before, after)) stamp(draft, path, before, sequence);
    return;
  }
  for (const key of Object.keys(after)) {
    compare(
      draft,
      Object.hasOwn(before, key) ? before[key] : undefined,
      after[key],
      childPath(path, key),
      sequence,
    );
  }
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(after, key)) stamp(draft, childPath(path, key), before[key], sequence);
  }
}

/** Gives the path the sequence. What was recorded below it is now covered by it; only an object can have had such entries. */
function stamp(draft: Draft, path: string, before: Json | undefined, sequence: number): void {
  const entries = (draft.owned ??= { ...draft.entries });
  draft.entries = entries;
  if (isJsonObject(before)) {
    for (const entry of Object.keys(entries)) if (isBelow(entry, path)) delete entries[entry];
  }
  // Assigning to "__proto__" would record nothing: such a change counts as one of the whole document.
  entries[path === "__proto__" ? "" : path] = sequence;
}

/** An object whose keys can be told apart in a dotted path; any other is compared and versioned as a whole. */
export function isTree(value: Json | undefined): value is JsonObject {
  if (!isJsonObject(value)) return false;
  for (const key of Object.keys(value))
    if (key === "" || key === "__proto__" || key.includes(".")) return false;
  return true;
}
