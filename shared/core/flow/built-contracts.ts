import type { Contract } from "../contract.ts";
import type { FlowDefinition } from "./plan.ts";

/**
 * The contracts that steps and fallbacks were built with, beside the plans: those are plain data that may be stored, and
 * a contract has code in its schemas.
 */
const builtWith = new WeakMap<object, Contract>();

/** Remembers the contract behind a node of a plan and gives the node back. */
export function rememberContract<Node extends object>(node: Node, agent: Contract | string): Node {
  if (typeof agent !== "string") builtWith.set(node, agent);
  return node;
}

/** The contracts that flows were built with, in the order of their steps. Flows read from JSON have none. */
export function contractsIn(flows: readonly FlowDefinition[]): readonly Contract[] {
  const found = new Set<Contract>();
  // What is not a flow is the linter's to report: anything is walked here, and nothing twice.
  const values = new Set<unknown>(flows);
  for (const value of values) {
    if (typeof value !== "object" || value === null) continue;
    const contract = builtWith.get(value);
    if (contract !== undefined) found.add(contract);
    for (const inner of Object.values(value)) values.add(inner);
  }
  return [...found];
}
