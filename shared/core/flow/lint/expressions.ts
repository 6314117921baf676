import { checkCondition } from "../../condition.ts";
import type { FlowDefinition, PlanNode } from "../plan.ts";
import { visitPlan } from "../visit-plan.ts";
import { LintRule } from "./finding.ts";
import type { Scope } from "./scope.ts";

/** A CEL text of a step, and the end of its place. */
export interface Expression {
  readonly part: string;
  readonly text: string;
  /** `event` has a value in it. */
  readonly event: boolean;
}

export function expressionsOf<Ref>(node: PlanNode<Ref>): readonly Expression[] {
  switch (node.kind) {
    case "choice":
      return node.when.map((arm, i) => ({ part: `when/${i}/if`, text: arm.if, event: false }));
    case "map":
      return [{ part: "over", text: node.over, event: false }];
    case "wait":
      return node.if === undefined ? [] : [{ part: "if", text: node.if, event: true }];
    case "transform":
      return Object.entries(node.set).map(([path, text]) => ({ part: `set/${path}`, text, event: false }));
    case "emit":
      return [{ part: "data", text: node.data, event: false }];
    case "reply":
      return [{ part: "body", text: node.body, event: false }];
    case "task":
    case "sequence":
    case "parallel":
    case "human":
    case "flow":
      return [];
  }
}

/** Every CEL text must parse and stay within the bounds of a condition. */
export function checkExpressions(flow: FlowDefinition, scope: Scope): void {
  const report = scope.report(flow);
  const check = (text: string, place: string): void =>
    report.problem(LintRule.badCondition, place, checkCondition(text, place));
  if (flow.if !== undefined) check(flow.if, "if");
  visitPlan(flow.plan, ({ node, place }) => {
    for (const { part, text } of expressionsOf(node)) check(text, `${place}/${part}`);
  });
}
