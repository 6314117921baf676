import type { CompiledNode } from "./plan.ts";
import { visitPlan } from "./visit-plan.ts";

const awaited = new WeakMap<CompiledNode, ReadonlySet<string>>();

/** Types of events that a plan waits for somewhere. */
export function awaitedTypes(plan: CompiledNode): ReadonlySet<string> {
  const known = awaited.get(plan);
  if (known !== undefined) return known;
  const types = new Set<string>();
  visitPlan(plan, ({ node }) => {
    if (node.kind === "wait") types.add(node.event);
  });
  awaited.set(plan, types);
  return types;
}
