import type { Contract, ContractSpec } from "../../contract.ts";
import type { FlowDefinition, PlanNode } from "../plan.ts";
import { bindPlan } from "../resolve.ts";
import { visitPlan } from "../visit-plan.ts";
import { LintRule, reportOn, type LintFinding, type Report } from "./finding.ts";

/** What the rules look at: well-formed flows with different names, and the contracts of their agents. */
export interface Scope {
  readonly flows: readonly FlowDefinition[];
  readonly byName: ReadonlyMap<string, FlowDefinition>;
  readonly agents: ReadonlyMap<string, ContractSpec>;
  /** Names of the flows that are left out because of their shape. */
  readonly malformed: ReadonlySet<string>;
  report(flow: FlowDefinition): Report;
}

/** A plan with its sub-flows inlined. An agent that does not exist is undefined: other rules have said so. */
export type ExpandedPlan = PlanNode<ContractSpec | undefined>;

/** Stands for a flow that does not exist. */
const NOTHING: { readonly plan: PlanNode } = { plan: { kind: "sequence", steps: [] } };

export const expand = (flow: FlowDefinition, { agents, byName }: Scope): ExpandedPlan =>
  bindPlan(
    flow.plan,
    (name) => agents.get(name),
    (name) => byName.get(name) ?? NOTHING,
  );

/** Builds the scope; of two with one name the first counts, and the second is reported. */
export function scopeOf(
  definitions: readonly FlowDefinition[],
  contracts: readonly Pick<Contract, "spec">[],
  malformed: ReadonlySet<string>,
  findings: LintFinding[],
): Scope {
  const agents = new Map<string, ContractSpec>();
  for (const [i, { spec }] of contracts.entries()) {
    if (agents.has(spec.name)) {
      const repair = "An agent's name names its queue: give each contract its own name, and list it once.";
      reportOn("application", findings).error(
        LintRule.duplicateName,
        `agents/${i}`,
        `a second contract is named "${spec.name}"`,
        repair,
      );
    } else agents.set(spec.name, spec);
  }
  const byName = new Map<string, FlowDefinition>();
  for (const flow of definitions) {
    if (byName.has(flow.name)) {
      reportOn(flow.name, findings).error(
        LintRule.duplicateName,
        "name",
        `a second flow is named "${flow.name}"`,
        "Give each flow its own name.",
      );
    } else byName.set(flow.name, flow);
  }
  return {
    flows: [...byName.values()],
    byName,
    agents,
    malformed,
    report: (flow) => reportOn(flow.name, findings),
  };
}

/** Names of the sub-flows in a flow's own plan, with their places. */
export function subFlowsOf(
  flow: FlowDefinition,
): readonly { readonly name: string; readonly place: string; readonly inMap: boolean }[] {
  const found: { name: string; place: string; inMap: boolean }[] = [];
  visitPlan(flow.plan, ({ node, place, inMap }) => {
    if (node.kind === "flow") found.push({ name: node.flow, place, inMap });
  });
  return found;
}
