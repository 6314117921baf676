import type { FlowDefinition } from "../plan.ts";
import { visitPlan } from "../visit-plan.ts";
import { LintRule } from "./finding.ts";
import type { Scope } from "./scope.ts";

/**
 * A step without a fallback fails its run when its agent fails. In a branch that its join does not need, it only fails the
 * branch, which is right: with a fallback a failed branch would count, and could win.
 */
export function checkFallbacks(flow: FlowDefinition, scope: Scope): void {
  visitPlan(flow.plan, ({ node, place, undoes, dispensable }) => {
    if (node.kind !== "task" || node.fallback.length > 0 || (dispensable && !undoes)) return;
    const problem = undoes
      ? `the effects to undo remain when the agent "${node.agent}" fails`
      : `the run fails when the agent "${node.agent}" fails`;
    const repair = undoes
      ? "Add a fallback: another agent, or a person."
      : "Add a fallback: another agent, a value, the last known one, a person, or skip.";
    scope.report(flow).warning(LintRule.noFallback, place, problem, repair);
  });
}
