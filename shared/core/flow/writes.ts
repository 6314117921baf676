import type { ContractSpec } from "../contract.ts";
import { splitPath } from "../context/path.ts";
import type { ParallelNode, PlanNode } from "./plan.ts";
import { visitPlan } from "./visit-plan.ts";

/** The context paths that a node itself writes, not the steps inside it. A fallback fills the slot of the agent it replaces. */
export function pathsWrittenBy<Ref>(
  node: PlanNode<Ref>,
  slotOf: (agent: Ref) => string | undefined,
): readonly string[] {
  switch (node.kind) {
    case "task": {
      const slot = slotOf(node.agent);
      return slot === undefined ? [] : [slot];
    }
    case "transform":
      return Object.keys(node.set);
    case "human":
      return [node.into];
    case "wait":
      return node.into === undefined ? [] : [node.into];
    case "parallel":
      return node.join.type === "best" ? [node.join.into] : [];
    case "sequence":
    case "choice":
    case "map":
    case "flow":
    case "emit":
    case "reply":
      return [];
  }
}

/** Whether branches may still run, and write, when the steps after the parallel do. */
export function leavesBranches<Ref>(node: ParallelNode<Ref>): boolean {
  if (node.losers === "cancel") return false;
  if (node.timeoutMs !== undefined && node.onTimeout === "partial") return true;
  switch (node.join.type) {
    case "any":
      return true;
    case "quorum":
      return node.join.n < Object.keys(node.branches).length;
    case "all":
    case "best":
      return false;
  }
}

/** The first name of a path. */
export function sectionOf(path: string): string {
  return splitPath(path)[0] ?? path;
}

/** All sections that a compiled plan writes, sorted. */
export function sectionsOf(plan: PlanNode<ContractSpec>): readonly string[] {
  const sections = new Set<string>();
  visitPlan(plan, ({ node }) => {
    for (const path of pathsWrittenBy(node, (agent) => agent.writes)) sections.add(sectionOf(path));
  });
  return [...sections].sort();
}
