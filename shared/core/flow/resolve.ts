import type { ContractSpec } from "../contract.ts";
import { SpineError } from "../errors.ts";
import type { CompiledNode, Fallback, FlowDefinition, PlanNode } from "./plan.ts";

/**
 * Puts contracts in place of agents' names and sub-flows' plans beside theirs.
 * The flow has passed the linter: an unknown name or a cycle is a bug here.
 */
export function resolvePlan(
  node: PlanNode,
  agents: ReadonlyMap<string, ContractSpec>,
  flows: ReadonlyMap<string, FlowDefinition>,
): CompiledNode {
  const agent = (name: string): ContractSpec => agents.get(name) ?? unknown("agent", name);
  const link = (fallback: Fallback<string>): Fallback<ContractSpec> =>
    fallback.type === "agent" ? { type: "agent", agent: agent(fallback.agent) } : fallback;
  const resolve = (child: PlanNode): CompiledNode => {
    switch (child.kind) {
      case "task":
        return { ...child, agent: agent(child.agent), fallback: child.fallback.map(link) };
      case "sequence":
        return { ...child, steps: child.steps.map(resolve) };
      case "parallel": {
        const branches = Object.entries(child.branches).map(([name, branch]) => [name, resolve(branch)]);
        return { ...child, branches: Object.fromEntries(branches) };
      }
      case "choice":
        return {
          ...child,
          when: child.when.map((arm) => ({ ...arm, then: resolve(arm.then) })),
          otherwise: resolve(child.otherwise),
        };
      case "map":
        return { ...child, each: resolve(child.each) };
      case "flow":
        return { ...child, plan: resolve((flows.get(child.flow) ?? unknown("flow", child.flow)).plan) };
      case "wait":
      case "human":
      case "transform":
      case "emit":
      case "reply":
        return child;
    }
  };
  return resolve(node);
}

function unknown(what: string, name: string): never {
  throw new SpineError("flow.invalid", `No ${what} is named "${name}".`);
}
