import type { FlowDefinition } from "../plan.ts";
import { visitPlan } from "../visit-plan.ts";
import { LintRule } from "./finding.ts";
import type { Scope } from "./scope.ts";

/**
 * A step without a fallback fails its run when its agent does. In a branch that its join can do without it fails the branch only,
 * which is right: with a fallback a dead branch would count, and could win.
 */
export function checkFallbacks(flow: FlowDefinition, scope: Scope): void {
  visitPlan(flow.plan, ({ node, place, undoes, dispensable }) => {
    if (node.kind !== "task" || node.fallback.length > 0 || (dispensable && !undoes)) return;
    const problem = undoes
      ? `what it undoes stays done when the agent "${node.agent}" fails`
      : `the run fails when the agent "${node.agent}" does`;
    const repair = undoes
      ? "Add a fallback: another agent, or a person."
      : "Add a fallback: another agent, a value, the last known one, a person, or skip.";
    scope.report(flow).warning(LintRule.noFallback, place, problem, repair);
  });
}
