import type { CompiledNode, PlanNode } from "./plan.ts";
import { childrenOf, visitPlan } from "./visit-plan.ts";

/** Types of events that a plan waits for somewhere. */
export function awaitedTypes<Ref>(plan: PlanNode<Ref>): ReadonlySet<string> {
  const types = new Set<string>();
  visitPlan(plan, ({ node }) => {
    if (node.kind === "wait") types.add(node.event);
  });
  return types;
}

/** Whether a plan waits for a type of event somewhere. */
export const awaitsType = (node: CompiledNode, type: string): boolean =>
  node.kind === "wait" ? node.event === type : childrenOf(node).some(([, child]) => awaitsType(child, type));
