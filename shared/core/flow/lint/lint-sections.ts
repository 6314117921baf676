import { RESERVED_SECTIONS } from "../../contract.ts";
import type { FlowDefinition, PlanNode } from "../plan.ts";
import { visitPlan } from "../visit-plan.ts";
import { pathsWrittenBy, sectionOf } from "../writes.ts";
import { LintRule } from "./finding.ts";
import type { Scope } from "./scope.ts";

/**
 * Only agents write agents' sections, only the spine writes its own: steps of a flow write others. One thing is allowed: a
 * transform may clear the section of one of the flow's own agents with null, so that what an earlier run of the session
 * left there is not taken for a finding of this one. Clearing beside a step that writes it is a shared slot.
 */
export function checkSections(flow: FlowDefinition, scope: Scope): void {
  const report = scope.report(flow);
  const owners = new Map([...scope.agents.values()].map((spec) => [spec.writes, spec.name]));
  const own = sectionsOfAgents(flow, scope);
  visitPlan(flow.plan, ({ node, place }) => {
    if (node.kind === "task") return;
    for (const path of pathsWrittenBy(node, () => undefined)) {
      const section = sectionOf(path);
      const owner = owners.get(section);
      if (owner === undefined && !RESERVED_SECTIONS.includes(section)) continue;
      if (own.has(path) && clears(node, path)) continue;
      const problem = `writes "${path}", but "${section}" belongs to ${owner === undefined ? "the spine" : `the agent "${owner}"`}`;
      const repair = own.has(section)
        ? "Write to another section. A transform may only clear this one whole, with null."
        : "Write to another section.";
      report.error(LintRule.reservedSection, place, problem, repair);
    }
  });
}

/** Sections that the flow's own steps fill. */
function sectionsOfAgents(flow: FlowDefinition, scope: Scope): ReadonlySet<string> {
  const sections = new Set<string>();
  visitPlan(flow.plan, ({ node }) => {
    if (node.kind !== "task") return;
    const spec = scope.agents.get(node.agent);
    if (spec !== undefined) sections.add(spec.writes);
  });
  return sections;
}

const clears = (node: PlanNode, path: string): boolean =>
  node.kind === "transform" && node.set[path]?.trim() === "null";
