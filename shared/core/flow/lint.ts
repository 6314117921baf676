import type { Contract } from "../contract.ts";
import { isJsonObject } from "../json.ts";
import { checkBranches } from "./lint/branches.ts";
import { checkExpressions } from "./lint/expressions.ts";
import { checkFallbacks } from "./lint/fallbacks.ts";
import { reportOn, type LintFinding } from "./lint/finding.ts";
import { checkLife } from "./lint/lives.ts";
import { checkEmits, checkSubFlows } from "./lint/loops.ts";
import { checkReferences, checkTriggers } from "./lint/names.ts";
import { checkNumbers } from "./lint/numbers.ts";
import { checkReads } from "./lint/reads.ts";
import { checkReplies } from "./lint/replies.ts";
import { scopeOf } from "./lint/scope.ts";
import { checkSections } from "./lint/sections.ts";
import { checkShape } from "./lint/shape.ts";
import { checkSlots } from "./lint/slots.ts";
import type { FlowDefinition } from "./plan.ts";

export { LintRule, formatFinding } from "./lint/finding.ts";
export type { LintFinding } from "./lint/finding.ts";

const FLOW_RULES = [
  checkReferences,
  checkExpressions,
  checkBranches,
  checkNumbers,
  checkSections,
  checkFallbacks,
] as const;

/**
 * Checks flows against the contracts of their agents. Also takes flows that were read from JSON and may have any shape.
 * What is not a flow at all is reported as such and left out of the other rules.
 */
export function lintFlows(
  definitions: readonly FlowDefinition[],
  contracts: readonly Pick<Contract, "spec">[],
): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  const malformed = new Set<string>();
  const shaped = definitions.filter((definition, i) => {
    const label = labelOf(definition, i);
    const sound = checkShape(definition, reportOn(label, findings));
    if (!sound) malformed.add(label);
    return sound;
  });
  const scope = scopeOf(shaped, contracts, malformed, findings);
  for (const flow of scope.flows) for (const rule of FLOW_RULES) rule(flow, scope);
  checkTriggers(scope);
  if (checkSubFlows(scope)) {
    checkEmits(scope);
    checkSlots(scope);
    checkReads(scope);
    checkReplies(scope);
  }
  if (findings.every((finding) => finding.severity === "warning")) {
    for (const flow of scope.flows) checkLife(flow, scope);
  }
  return findings;
}

function labelOf(definition: unknown, index: number): string {
  return isJsonObject(definition) && typeof definition.name === "string" ? definition.name : `#${index}`;
}
