import { RESERVED_SECTIONS } from "../../contract.ts";
import type { FlowDefinition } from "../plan.ts";
import { visitPlan } from "../walk.ts";
import { pathsWrittenBy, sectionOf } from "../writes.ts";
import { LintRule } from "./finding.ts";
import type { Scope } from "./scope.ts";

/** Only agents write agents' sections, only the spine writes its own: steps of a flow write others. */
export function checkSections(flow: FlowDefinition, scope: Scope): void {
  const report = scope.report(flow);
  const owners = new Map([...scope.agents.values()].map((spec) => [spec.writes, spec.name]));
  visitPlan(flow.plan, ({ node, place }) => {
    if (node.kind === "task") return;
    for (const path of pathsWrittenBy(node, () => undefined)) {
      const section = sectionOf(path);
      const owner = owners.get(section);
      if (owner === undefined && !RESERVED_SECTIONS.includes(section)) continue;
      const problem = `writes "${path}", and "${section}" belongs to ${owner === undefined ? "the spine" : `the agent "${owner}"`}`;
      report.error(LintRule.reservedSection, place, problem, "Write a section of another name.");
    }
  });
}
