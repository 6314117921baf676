import { keysOf, pathsOf } from "../../condition.ts";
import { originsOf } from "../../condition-origins.ts";
import type { ContractSpec } from "../../contract.ts";
import { followPersonal, readerOf } from "../../session/personal/follow.ts";
import type { CompiledFlow, CompiledNode } from "../plan.ts";
import { visitPlan } from "../visit-plan.ts";
import { LintRule, reportOn, type LintFinding } from "./finding.ts";

/**
 * Where flows take personal values and nobody says what becomes of them. Of compiled flows, for the paths that one tenant declares.
 */
export function lintPersonal(
  flows: readonly CompiledFlow[],
  declared: readonly string[],
): readonly LintFinding[] {
  if (declared.length === 0) return [];
  const findings: LintFinding[] = [];
  const isPersonal = readerOf(followPersonal(declared, flows, originsOf), flows);
  for (const { name, plan } of flows) {
    const report = reportOn(name, findings);
    visitPlan(plan, ({ node, place }) => {
      for (const { name: agent, reads, personal } of agentsOf(node)) {
        const read = reads.find(isPersonal);
        if (read === undefined || personal !== undefined) continue;
        report.warning(
          LintRule.undeclaredPersonal,
          place,
          `the agent "${agent}" reads personal values in "${read}", but its contract does not say where its result contains them, so the whole result is sealed`,
          'Give the contract personal: ["path"], or personal: { none: "why there is none" }.',
        );
      }
      for (const { expression, field } of namesIn(node)) {
        const read = expression.find(isPersonal);
        if (read === undefined) continue;
        report.error(
          LintRule.personalName,
          `${place}/${field}`,
          `names are built from personal values, "${read}": they become part of paths, which cannot be sealed`,
          "Use a value that is not personal, such as an id of your own.",
        );
      }
    });
  }
  return findings;
}

function agentsOf(node: CompiledNode): readonly ContractSpec[] {
  if (node.kind !== "task") return [];
  return [node.agent, ...node.fallback.flatMap((link) => (link.type === "agent" ? [link.agent] : []))];
}

/** Paths whose values become names in the context. */
function namesIn(
  node: CompiledNode,
): readonly { readonly expression: readonly string[]; readonly field: string }[] {
  switch (node.kind) {
    case "map":
      return node.key === undefined ? [] : [{ expression: pathsOf(node.key), field: "key" }];
    case "transform":
      return Object.entries(node.set).map(([path, text]) => ({
        expression: keysOf(text),
        field: `set/${path}`,
      }));
    default:
      return [];
  }
}
