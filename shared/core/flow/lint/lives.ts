import { MAX_LIFE_MS } from "../bounds.ts";
import { compensationLife, longestLife } from "../life.ts";
import type { FlowDefinition } from "../plan.ts";
import { resolvePlan } from "../resolve.ts";
import { LintRule } from "./finding.ts";
import type { Scope } from "./scope.ts";

/** The bounds of the steps must add up to a life that a deadline can be armed for. Only for flows without other errors. */
export function checkLife(flow: FlowDefinition, scope: Scope): void {
  const plan = resolvePlan(flow.plan, scope.agents, scope.byName);
  const life = Math.min(longestLife(plan), flow.timeoutMs ?? Infinity) + compensationLife(plan);
  if (life <= MAX_LIFE_MS) return;
  const days = Math.ceil(life / 86_400_000);
  const repair =
    "Give the flow a timeoutMs, or its steps smaller bounds (maps: maxItems, maxConcurrent, timeoutMs).";
  scope
    .report(flow)
    .error(LintRule.unboundedWait, "timeoutMs", `a run and its compensation may take ${days} days`, repair);
}
