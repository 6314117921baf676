import { prunedAt, withValueAt } from "../context/document.ts";
import { isBelow } from "../context/path.ts";
import type { CompiledFlow } from "../flow/plan.ts";
import { visitPlan } from "../flow/visit-plan.ts";
import { pathsWrittenBy } from "../flow/writes.ts";
import type { RunId } from "../ids.ts";
import type { Json, JsonObject } from "../json.ts";

/**
 * What of the context is a run's own: what its steps write stands on its sheet, over the session's context, until the run
 * completes. Of these paths a run reads what it wrote itself, or nothing.
 */
export interface Sheet {
  /** Paths that its steps write; none lies below another. */
  readonly paths: readonly string[];
  /** Sections of agents that keep theirs: read through to the session's until the run writes them. */
  readonly keeps: readonly string[];
}

/** The form of commits from which on every run has a sheet. */
export const SHEET_FORM = 2;

/** Where a run keeps its sheet in the session's document. No agent can name this path. */
export const sheetPath = (run: RunId): string => `~${run}`;

/** Whether a path of the document lies on a run's sheet. */
export const isSheet = (path: string): boolean => path.startsWith("~");

/** A path of the document by the name that steps know it by, wherever it stands. */
export const plainPath = (path: string): string => (isSheet(path) ? path.slice(path.indexOf(".") + 1) : path);

/** The sheet of a flow's runs: each keeps it from its start. */
export function sheetOf({ plan }: CompiledFlow): Sheet {
  const keeps = new Set<string>();
  const written = new Set<string>();
  visitPlan(plan, ({ node }) => {
    for (const path of pathsWrittenBy(node, (agent) => agent.writes)) written.add(path);
    if (node.kind === "task" && node.agent.keeps) keeps.add(node.agent.writes);
  });
  const paths = [...written].filter(
    (path) => !keeps.has(path) && ![...written].some((other) => isBelow(path, other)),
  );
  return { paths: paths.sort(), keeps: [...keeps].sort() };
}

/** The path that covers another one: itself, or one above it. */
export const covering = (paths: readonly string[], path: string): string | undefined =>
  paths.find((one) => one === path || isBelow(path, one));

/** The session's value at a path with what a run wrote below it in place of what stood there. */
export function layered(
  session: Json | undefined,
  path: string,
  { paths }: Sheet,
  own: (path: string) => Json | undefined,
): Json | undefined {
  const inside = paths.filter((one) => isBelow(one, path));
  if (inside.length === 0) return session;
  // What the session holds of these paths alone is not there for the run.
  let document: JsonObject = session === undefined ? {} : { [SELF]: session };
  for (const one of inside) {
    const rest = `${SELF}${one.slice(path.length)}`;
    const written = own(one);
    document = written === undefined ? prunedAt(document, rest) : withValueAt(document, rest, written);
  }
  return document[SELF];
}

const SELF = "self";
