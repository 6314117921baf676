import type { ChoiceNode, FlowDefinition, ParallelNode } from "../plan.ts";
import { childrenOf, visitPlan } from "../visit-plan.ts";
import { LintRule, type Report } from "./finding.ts";
import type { Scope } from "./scope.ts";

/** Steps that can never run, and joins that can never be reached. */
export function checkBranches(flow: FlowDefinition, scope: Scope): void {
  const report = scope.report(flow);
  visitPlan(flow.plan, ({ node, place }) => {
    const mayBeEmpty = node.kind !== "sequence" && node.kind !== "parallel" && node.kind !== "choice";
    const steps = node.kind === "choice" ? node.when.length : childrenOf(node).length;
    if (!mayBeEmpty && steps === 0) {
      const what = { sequence: "steps", parallel: "branches", choice: "conditions" }[node.kind];
      report.error(LintRule.unreachableBranch, place, `has no ${what}`, "Add one, or leave the step out.");
    }
    if (node.kind === "choice") checkArms(node, place, report);
    if (node.kind === "parallel") checkQuorum(node, place, report);
  });
}

function checkArms(node: ChoiceNode<string>, place: string, report: Report): void {
  const texts = node.when.map((arm) => normal(arm.if));
  for (const [i, text] of texts.entries()) {
    const at = `${place}/when/${i}`;
    const earlier = texts.indexOf(text);
    if (text === "false") {
      report.error(LintRule.unreachableBranch, at, "its condition never holds", "Remove the branch.");
    } else if (earlier < i) {
      const problem = `has the same condition as when/${earlier}, which is taken first`;
      report.error(LintRule.unreachableBranch, at, problem, "Remove it, or change its condition.");
    } else if (text === "true") {
      const problem = "its condition always holds, so later branches can never be taken";
      report.error(LintRule.unreachableBranch, at, problem, "Make it the choice's `otherwise`.");
    }
  }
}

function checkQuorum({ join, branches }: ParallelNode<string>, place: string, report: Report): void {
  const count = Object.keys(branches).length;
  if (join.type !== "quorum" || !Number.isInteger(join.n) || join.n <= count) return;
  const problem = `a quorum of ${join.n} cannot be reached by ${count} branches`;
  report.error(LintRule.unreachableBranch, `${place}/join`, problem, `Use at most ${count}.`);
}

/** The text without the spaces that mean nothing: those outside quotes that do not part two words. */
function normal(condition: string): string {
  return condition
    .split(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(/\s+/g, " ").replace(/ ?([^\w ]) ?/g, "$1")))
    .join("")
    .trim();
}
