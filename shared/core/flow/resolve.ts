import type { ContractSpec } from "../contract.ts";
import { SpineError } from "../errors.ts";
import type { CompiledNode, Fallback, FlowDefinition, PlanNode, TaskNode } from "./plan.ts";

/**
 * Puts contracts in place of agents' names and sub-flows' plans beside theirs.
 * The flow has passed the linter: an unknown name or a cycle is a bug here.
 */
export function resolvePlan(
  plan: PlanNode,
  agents: ReadonlyMap<string, ContractSpec>,
  flows: ReadonlyMap<string, FlowDefinition>,
): CompiledNode {
  return bindPlan(
    plan,
    (name) => agents.get(name) ?? unknown("agent", name),
    (name) => flows.get(name) ?? unknown("flow", name),
  );
}

/**
 * The same plan with each agent's name replaced and each sub-flow's plan inlined, with that flow's own bound on its time.
 * Sub-flows must not form a cycle.
 */
export function bindPlan<Ref>(
  plan: PlanNode,
  agent: (name: string) => Ref,
  flowNamed: (name: string) => Pick<FlowDefinition, "plan" | "timeoutMs">,
): PlanNode<Ref> {
  const link = (fallback: Fallback<string>): Fallback<Ref> =>
    fallback.type === "agent" ? { type: "agent", agent: agent(fallback.agent) } : fallback;
  const bindTask = ({ compensate, ...node }: TaskNode<string>): TaskNode<Ref> => ({
    ...node,
    agent: agent(node.agent),
    fallback: node.fallback.map(link),
    ...(compensate !== undefined && { compensate: bindTask(compensate) }),
  });
  const bind = (node: PlanNode): PlanNode<Ref> => {
    switch (node.kind) {
      case "task":
        return bindTask(node);
      case "sequence":
        return { ...node, steps: node.steps.map(bind) };
      case "parallel": {
        const names = node.order ?? Object.keys(node.branches);
        const branches = Object.entries(node.branches).map(([name, branch]) => [name, bind(branch)]);
        // Stored, keys are sorted; the order of the branches must outlive that.
        const order = isSorted(names) ? {} : { order: names };
        return { ...node, ...order, branches: Object.fromEntries(branches) };
      }
      case "choice":
        return {
          ...node,
          when: node.when.map((arm) => ({ ...arm, then: bind(arm.then) })),
          otherwise: bind(node.otherwise),
        };
      case "map":
        return { ...node, each: bind(node.each) };
      case "flow": {
        const inner = flowNamed(node.flow);
        const timeoutMs = Math.min(node.timeoutMs ?? Infinity, inner.timeoutMs ?? Infinity);
        return { ...node, ...(timeoutMs < Infinity && { timeoutMs }), plan: bind(inner.plan) };
      }
      case "wait":
      case "human":
      case "transform":
      case "emit":
      case "reply":
        return node;
    }
  };
  return bind(plan);
}

const isSorted = (names: readonly string[]): boolean =>
  names.every((name, i) => i === 0 || (names[i - 1] ?? "") < name);

function unknown(what: string, name: string): never {
  throw new SpineError("flow.invalid", `No ${what} is named "${name}".`);
}
