import { runsTogether } from "./numbers.ts";
import type { FlowDefinition } from "../plan.ts";
import { childrenOf } from "../visit-plan.ts";
import { LintRule } from "./finding.ts";
import { expand, type ExpandedPlan, type Scope } from "./scope.ts";

/**
 * One event satisfies all waits that are open for it. Where runs or items of a list are side by side, a wait that asks nothing
 * of the event takes what was meant for another one.
 */
export function checkWaits(flow: FlowDefinition, scope: Scope): void {
  const visit = (node: ExpandedPlan, place: string, beside: string | undefined): void => {
    if (node.kind === "wait" && beside !== undefined && node.if === undefined && node.take !== "first") {
      const problem = `one ${node.event} satisfies all ${beside} concurrent waits`;
      const repair = 'Add a condition (`if`) that tells them apart, or `take: "first"`.';
      scope.report(flow).warning(LintRule.sharedEvent, place, problem, repair);
    }
    const inside = node.kind === "map" && runsTogether(node) ? "items of the list" : beside;
    for (const [part, child] of childrenOf(node)) visit(child, `${place}/${part}`, inside);
  };
  const runs = flow.on !== undefined && flow.onBusy === "parallel" ? "runs of this flow" : undefined;
  visit(expand(flow, scope), "plan", runs);
}
