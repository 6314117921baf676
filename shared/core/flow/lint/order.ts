import { guardsOf, pathsOf } from "../../condition.ts";
import { isBelow, pathsOverlap } from "../../context/path.ts";
import { childrenOf, visitPlan } from "../visit-plan.ts";
import { pathsWrittenBy, sectionOf } from "../writes.ts";
import { LintRule, type Report } from "./finding.ts";
import { conditionReads, contractReads, type Read } from "./read.ts";
import type { ExpandedPlan } from "./scope.ts";

/** Paths that a run has written where a step stands: surely, or only if it came that way. */
interface Known {
  readonly surely: readonly string[];
  readonly maybe: readonly string[];
  /** Written only after it. */
  readonly later: readonly string[];
}

/**
 * Warns of reads of what the run writes itself, where it surely has not yet, or may not have: there it reads nothing, whatever
 * earlier runs left.
 */
export function checkOrder(plan: ExpandedPlan, report: Report): void {
  const walk = (node: ExpandedPlan, place: string, borrowed: boolean, known: Known): void => {
    const task = node.kind === "task" ? contractReads(node, place, (agent) => agent) : [];
    // What the step writes itself is not there when it begins.
    const begins = { ...known, later: [...known.later, ...(node.kind === "task" ? ownPaths(node) : [])] };
    const said = new Set<string>();
    for (const read of [...task, ...conditionReads(node, place)]) {
      const found = findingOf(read, begins);
      const at = borrowed ? place : read.place;
      if (found === undefined || said.has(`${at} ${read.path}`)) continue;
      said.add(`${at} ${read.path}`);
      report.warning(found.rule, at, found.problem, found.repair);
    }
    for (const [i, [part, child]] of childrenOf(node).entries()) {
      const inside = borrowed || node.kind === "flow";
      walk(child, inside ? place : `${place}/${part}`, inside, knownAt(node, i, known, borrowed));
    }
  };
  walk(plan, "plan", false, { surely: [], maybe: [], later: [] });
}

function findingOf({ path, guarded }: Read, { surely, maybe, later }: Known) {
  if (surely.some((one) => pathsOverlap(one, path))) return undefined;
  if (maybe.some((one) => pathsOverlap(one, path))) {
    const problem = `reads "${path}", which only some paths to this step have written: on others it is empty`;
    const repair = `Guard it: has(${path}) ? … : ….`;
    return guarded ? undefined : { rule: LintRule.maybeUnwritten, problem, repair };
  }
  if (!later.some((one) => covers(one, path))) return undefined;
  const problem = `reads "${path}", which the run writes only after this step: it is empty until then`;
  const repair = `Move the step after the writer, read the earlier run's value ("before.${path}"), or let the agent keep its section ("keeps").`;
  return { rule: LintRule.readBeforeWrite, problem, repair };
}

const covers = (one: string, path: string): boolean => one === path || isBelow(path, one);

/** What is known at the child of a node. */
function knownAt(node: ExpandedPlan, index: number, known: Known, borrowed: boolean): Known {
  const { surely, maybe, later } = known;
  switch (node.kind) {
    case "sequence": {
      const before = node.steps.slice(0, index);
      return {
        surely: [...surely, ...before.flatMap(surelyWritten)],
        maybe: [...maybe, ...before.flatMap(pathsIn)],
        // What comes later inside a sub-flow is reported where that is defined.
        later: borrowed ? later : [...later, ...node.steps.slice(index + 1).flatMap(pathsIn)],
      };
    }
    case "choice": {
      // In an arm, what its condition asked for is there.
      const condition = node.when[index]?.if;
      const asked = condition === undefined ? [] : [...guardsOf(condition), ...pathsOf(condition)];
      return { ...known, surely: [...surely, ...asked] };
    }
    // What undoes a task runs when everything that was written is there.
    case "task":
      return { ...known, maybe: [...maybe, ...later], later: [] };
    case "parallel":
      // Beside it; what that leads to is another rule's.
      return { ...known, maybe: [...maybe, ...Object.values(node.branches).flatMap(pathsIn)] };
    case "map":
      return { ...known, surely: [...surely, ...sectionsOf(node.each)] };
    case "flow":
    case "wait":
    case "human":
    case "transform":
    case "emit":
    case "reply":
      return known;
  }
}

/** Every path that a plan writes, but for what agents keep: that is read through. */
function pathsIn(plan: ExpandedPlan): readonly string[] {
  const paths: string[] = [];
  visitPlan(plan, ({ node }) => {
    paths.push(...ownPaths(node));
  });
  return paths;
}

const ownPaths = (node: ExpandedPlan): readonly string[] =>
  node.kind === "task" && node.agent?.keeps ? [] : pathsWrittenBy(node, (agent) => agent?.writes);

const sectionsOf = (plan: ExpandedPlan): readonly string[] => pathsIn(plan).map(sectionOf);

/** The paths that the plan writes whichever way it goes. */
function surelyWritten(node: ExpandedPlan): readonly string[] {
  const own = pathsWrittenBy(node, (agent) => agent?.writes);
  switch (node.kind) {
    // Who lets a step be skipped, or a wait go on, has thought of a slot without a value.
    case "task":
    case "wait":
    case "human":
    case "transform":
    case "emit":
    case "reply":
      return own;
    case "sequence":
      return node.steps.flatMap(surelyWritten);
    case "choice": {
      const [first = [], ...others] = childrenOf(node).map(([, child]) => surelyWritten(child));
      return first.filter((path) => others.every((arm) => arm.includes(path)));
    }
    case "parallel":
      // A partial join leaves branches out.
      return node.join.type === "all" && node.onTimeout !== "partial"
        ? Object.values(node.branches).flatMap(surelyWritten)
        : [];
    case "map":
      // Without items its sections are empty objects.
      return sectionsOf(node.each);
    case "flow":
      return node.plan === undefined ? [] : surelyWritten(node.plan);
  }
}
