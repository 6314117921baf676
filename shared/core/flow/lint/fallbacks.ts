import type { FlowDefinition } from "../plan.ts";
import { visitPlan } from "../walk.ts";
import { LintRule } from "./finding.ts";
import type { Scope } from "./scope.ts";

/** A step without a fallback fails its run when its agent does. */
export function checkFallbacks(flow: FlowDefinition, scope: Scope): void {
  visitPlan(flow.plan, ({ node, place }) => {
    if (node.kind !== "task" || node.fallback.length > 0) return;
    scope
      .report(flow)
      .warning(
        LintRule.noFallback,
        place,
        `the run fails when the agent "${node.agent}" does`,
        "Add a fallback: another agent, a value, the last known one, a person, or skip.",
      );
  });
}
