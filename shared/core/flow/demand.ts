import type { PlanNode } from "./plan.ts";
import { childrenOf } from "./visit-plan.ts";

/**
 * Tasks of one run's maps, each counted once, at most: so many slots have versions, and so many steps are remembered, beside those of
 * all other limits. What the linter allows, the engine carries.
 */
export const MAX_ITEM_TASKS = 20_000;

/** The most tasks that a run may have inside maps, if every list is as long as it may be: maps inside one another multiply. */
export function itemTasksOf<Ref>(node: PlanNode<Ref>, times = 1, inMap = false): number {
  if (node.kind === "task") return inMap ? times : 0;
  const map = node.kind === "map";
  const inside = map ? times * node.maxItems : times;
  return childrenOf(node).reduce((sum, [, child]) => sum + itemTasksOf(child, inside, inMap || map), 0);
}
