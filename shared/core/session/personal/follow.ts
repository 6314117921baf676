import type { Origin } from "../../condition-origins.ts";
import { isBelow, pathsOverlap } from "../../context/path.ts";
import type { ContractSpec } from "../../contract.ts";
import type { CompiledFlow, CompiledNode, ParallelNode, TaskNode } from "../../flow/plan.ts";
import { visitPlan } from "../../flow/visit-plan.ts";
import { pathsWrittenBy, sectionOf } from "../../flow/writes.ts";
import { BEFORE, declaredPath, ITEM, REPLY } from "./personal-values.ts";

/** Where the parts of an expression's value come from. */
export type OriginsOf = (expression: string) => readonly Origin[];

/** Every step of an application's flows, and the sections whose values stand under the keys of a map's items. */
interface Steps {
  readonly nodes: readonly CompiledNode[];
  readonly keyed: ReadonlySet<string>;
}

/**
 * Wherever flows take what stands at personal paths: by copies and expressions, replies, emitted events, what waits keep, items of maps,
 * and agents that read it. Paths without those that lie below another one, sorted.
 */
export function followPersonal(
  declared: readonly string[],
  flows: readonly CompiledFlow[],
  originsOf: OriginsOf,
): readonly string[] {
  const steps = stepsOf(flows);
  let known: ReadonlySet<string> = new Set(declared);
  for (;;) {
    const before = known;
    const next = new Set(known);
    for (const node of steps.nodes)
      for (const path of takenBy(node, { known: before, steps, originsOf })) next.add(path);
    known = new Set([...next].filter((path) => ![...next].some((other) => isBelow(path, other))));
    if (known.size === before.size && [...known].every((path) => before.has(path))) return [...known].sort();
  }
}

/** Tells whether what steps of these flows read by a path may hold a personal value, by all paths that do. */
export function readerOf(
  known: readonly string[],
  flows: readonly CompiledFlow[],
): (read: string) => boolean {
  const following = { known: new Set(known), steps: stepsOf(flows), originsOf: () => [] };
  return (read) => reaches(read, following);
}

function stepsOf(flows: readonly CompiledFlow[]): Steps {
  const nodes: CompiledNode[] = [];
  const keyed = new Set<string>();
  for (const { plan } of flows) {
    visitPlan(plan, ({ node, inMap }) => {
      nodes.push(node);
      if (inMap && node.kind === "task") keyed.add(node.agent.writes);
    });
  }
  return { nodes, keyed };
}

interface Following {
  readonly known: ReadonlySet<string>;
  readonly steps: Steps;
  readonly originsOf: OriginsOf;
}

/** Paths that are personal by what a step does. */
function takenBy(node: CompiledNode, following: Following): readonly string[] {
  const { originsOf } = following;
  const made = (expression: string, path: string): readonly string[] =>
    originsOf(expression).flatMap((origin) => partsOf(origin, following).map((part) => joined(path, part)));
  switch (node.kind) {
    case "transform":
      return Object.entries(node.set).flatMap(([path, expression]) => made(expression, path));
    case "emit":
      return made(node.data, "input");
    case "reply":
      return made(node.body, REPLY);
    case "map":
      return made(node.over, ITEM);
    case "wait":
      return node.into === undefined
        ? []
        : copied("input", following).map((part) => joined(node.into ?? "", part));
    case "task":
      return resultsOf(node, following);
    case "parallel":
      return chosenBy(node, following);
    default:
      return [];
  }
}

const joined = (path: string, part: string): string => (part === "" ? path : `${path}.${part}`);

/** Which parts of a value are personal, by where they come from; the empty path is all of it. */
function partsOf({ at, reads, copies }: Origin, following: Following): readonly string[] {
  const parts =
    copies === undefined
      ? reads.some((path) => reaches(path, following))
        ? [""]
        : []
      : copied(copies, following);
  return parts.map((part) => [...at, ...(part === "" ? [] : [part])].join("."));
}

/** Whether a read may see a personal value. */
function reaches(read: string, { known, steps }: Following): boolean {
  const path = declaredPath(read);
  if (path === BEFORE) return true;
  const section = sectionOf(path);
  return [...known].some(
    (personal) =>
      pathsOverlap(path, personal) || (steps.keyed.has(section) && sectionOf(personal) === section),
  );
}

/** What of a copy of a path's value is personal. */
function copied(from: string, following: Following): readonly string[] {
  const path = declaredPath(from);
  if (!reaches(from, following)) return [];
  const below = [...following.known].filter((personal) => isBelow(personal, path));
  const whole = below.length === 0 || following.steps.keyed.has(sectionOf(path));
  return whole ? [""] : below.map((personal) => personal.slice(path.length + 1));
}

/** What an agent was shown it may tell, unless its contract says where. */
function resultsOf(node: TaskNode<ContractSpec>, following: Following): readonly string[] {
  const { agent, fallback, compensate } = node;
  const agents = [agent, ...fallback.flatMap((link) => (link.type === "agent" ? [link.agent] : []))];
  const parts = agents.flatMap(
    ({ reads, personal, signals }) =>
      personal ?? (isTold(signals, following) || reads.some((path) => reaches(path, following)) ? [""] : []),
  );
  const slot = parts.map((part) => joined(agent.writes, part));
  return compensate === undefined ? slot : [...slot, ...parts.map((part) => joined("undo.result", part))];
}

/** Whoever declares anything personal may tell an agent such a thing as well: of a signal nobody says where it stands. */
const isTold = (signals: ContractSpec["signals"], { known }: Following): boolean =>
  signals !== undefined && known.size > 0;

/** The most confident of some branches' values, under `value`. */
function chosenBy({ join, branches }: ParallelNode<ContractSpec>, following: Following): readonly string[] {
  if (join.type !== "best") return [];
  const slots: string[] = [];
  for (const branch of Object.values(branches))
    visitPlan(branch, ({ node }) => slots.push(...pathsWrittenBy(node, ({ writes }) => writes)));
  return slots.flatMap((slot) => copied(slot, following).map((part) => joined(`${join.into}.value`, part)));
}
