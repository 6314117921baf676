import type { Contract } from "../contract.ts";
import { isJsonObject } from "../json.ts";
import { answersIn } from "./built-contracts.ts";
import { checkBranches } from "./lint/branches.ts";
import { checkExpressions } from "./lint/expressions.ts";
import { checkFields, type Schemas } from "./lint/fields.ts";
import { checkFallbacks } from "./lint/fallbacks.ts";
import { LintRule, reportOn, type LintFinding } from "./lint/finding.ts";
import { standardShape, type ShapeOf } from "./shape.ts";
import { checkLife } from "./lint/lives.ts";
import { checkEmits, checkSubFlows } from "./lint/loops.ts";
import { checkReferences, checkTriggers } from "./lint/lint-names.ts";
import { checkNumbers } from "./lint/numbers.ts";
import { checkReads } from "./lint/reads.ts";
import { checkReplies } from "./lint/lint-replies.ts";
import { scopeOf } from "./lint/scope.ts";
import { checkSections } from "./lint/lint-sections.ts";
import { checkShape } from "./lint/lint-shape.ts";
import { checkSlots } from "./lint/lint-slots.ts";
import { checkWaits } from "./lint/lint-waits.ts";
import type { FlowDefinition } from "./plan.ts";

export { standardShape } from "./shape.ts";
export type { Shape, ShapeOf } from "./shape.ts";
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

export interface LintOptions {
  /** Schemas of events' data, by type. @default none */
  readonly events?: Schemas["events"];
  /** @default for schemas that say it themselves */
  readonly shapeOf?: ShapeOf;
}

/**
 * Checks flows against the contracts of their agents. Also accepts flows that were read from JSON and may have any shape.
 * Values that are not flows are reported as such and excluded from the other rules.
 *
 * @example
 * const errors = lintFlows([greeting], [greeter]).filter(({ severity }) => severity === "error");
 */
export function lintFlows(
  definitions: readonly FlowDefinition[],
  contracts: readonly (Pick<Contract, "spec"> & Partial<Pick<Contract, "output">>)[],
  { events = {}, shapeOf = standardShape }: LintOptions = {},
): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  const malformed = new Set<string>();
  const shaped = definitions.filter((definition, i) => {
    const label = labelOf(definition, i);
    const sound = checkShape(definition, reportOn(label, findings));
    if (!sound) malformed.add(label);
    return sound;
  });
  for (const [question, schemas] of answersIn(definitions)) {
    if (schemas.length < 2) continue;
    reportOn("application", findings).error(
      LintRule.duplicateName,
      `questions/${question}`,
      `the question has ${schemas.length} different answer schemas`,
      "Use one schema for every step that asks it, or word the questions differently.",
    );
  }
  const scope = scopeOf(shaped, contracts, malformed, findings);
  for (const flow of scope.flows) for (const rule of FLOW_RULES) rule(flow, scope);
  checkTriggers(scope);
  if (checkSubFlows(scope)) {
    checkEmits(scope);
    checkSlots(scope);
    checkReads(scope);
    for (const flow of scope.flows) checkWaits(flow, scope);
    checkReplies(scope);
    const outputs = new Map(
      contracts.flatMap(({ spec, output }) =>
        output === undefined ? [] : [[spec.name as string, output] as const],
      ),
    );
    checkFields(scope, { outputs, events, shapeOf });
  }
  if (findings.every((finding) => finding.severity === "warning")) {
    for (const flow of scope.flows) checkLife(flow, scope);
  }
  return findings;
}

function labelOf(definition: unknown, index: number): string {
  return isJsonObject(definition) && typeof definition.name === "string" ? definition.name : `#${index}`;
}
