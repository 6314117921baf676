import type { FlowDefinition } from "../plan.ts";
import { visitPlan } from "../visit-plan.ts";
import { LintRule } from "./finding.ts";
import { subFlowsOf, type Scope } from "./scope.ts";

/** Agents and flows that are named must exist; a flow must be reachable. */
export function checkReferences(flow: FlowDefinition, scope: Scope): void {
  const report = scope.report(flow);
  const agents = [...scope.agents.keys()].join(", ") || "none";
  const agent = (name: string, place: string): void => {
    if (scope.agents.has(name)) return;
    const repair = `Add its contract to the application's agents, or use one of: ${agents}.`;
    report.error(LintRule.unknownAgent, place, `no agent is named "${name}"`, repair);
  };
  const named = (name: string, place: string): void => {
    if (scope.byName.has(name) || scope.malformed.has(name)) return;
    report.error(
      LintRule.unknownFlow,
      place,
      `no flow is named "${name}"`,
      "Add it to the application's flows.",
    );
  };
  visitPlan(flow.plan, ({ node, place }) => {
    if (node.kind === "flow") named(node.flow, place);
    if (node.kind !== "task") return;
    agent(node.agent, place);
    node.fallback.forEach((link, i) => {
      if (link.type === "agent") agent(link.agent, `${place}/fallback/${i}`);
    });
  });
  for (const name of flow.together ?? []) named(name, "together");
  if (flow.on === undefined && !scope.flows.some((other) => other !== flow && uses(other, flow.name))) {
    const repair = "Add `on` with the event type that starts it, or use it as a sub-flow.";
    report.error(LintRule.unreachableBranch, "on", "is missing, and no other flow uses this one", repair);
  }
}

const uses = (flow: FlowDefinition, name: string): boolean =>
  subFlowsOf(flow).some((subFlow) => subFlow.name === name);

/** Two flows on one event type must each say that they know of the other. */
export function checkTriggers(scope: Scope): void {
  for (const [i, flow] of scope.flows.entries()) {
    for (const other of scope.flows.slice(0, i)) {
      if (flow.on === undefined || flow.on !== other.on) continue;
      if (flow.together?.includes(other.name) && other.together?.includes(flow.name)) continue;
      scope
        .report(flow)
        .error(
          LintRule.ambiguousTrigger,
          "on",
          `"${flow.on}" also starts the flow "${other.name}", and the two do not name each other`,
          `Name each in the other's \`together\`, or give one another event type.`,
        );
    }
  }
}
