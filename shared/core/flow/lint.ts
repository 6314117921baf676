import type { Contract } from "../contract.ts";
import type { LintFinding } from "./lint/finding.ts";
import type { FlowDefinition } from "./plan.ts";

export { formatFinding } from "./lint/finding.ts";
export type { LintFinding, LintRule } from "./lint/finding.ts";

/** Checks flows against the contracts of their agents. Also takes flows that were read from JSON and may have any shape. */
export function lintFlows(
  _definitions: readonly FlowDefinition[],
  _contracts: readonly Pick<Contract, "spec">[],
): readonly LintFinding[] {
  return [];
}
