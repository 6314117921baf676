import type { PlanNode } from "../plan.ts";
import { childrenOf, visitPlan } from "../visit-plan.ts";
import { LintRule, type Report } from "./finding.ts";
import { expand, type ExpandedPlan, type Scope } from "./scope.ts";

/** One question has one answer: whoever asked a run hears its first reply, and a sub-flow's reply is one of its run. */
export function checkReplies(scope: Scope): void {
  for (const flow of scope.flows) follow(expand(flow, scope), "plan", undefined, scope.report(flow));
}

/** Gives the place of a reply that may have been sent when a node is done; `before`, of one sent before it. */
function follow(
  node: ExpandedPlan,
  place: string,
  before: string | undefined,
  report: Report,
): string | undefined {
  switch (node.kind) {
    case "reply":
      return replied(place, "", before, report);
    case "flow":
      return replies(node) ? replied(place, `"${node.flow}" replies: this `, before, report) : before;
    case "choice":
      return apart(node, place, before, report);
    case "parallel":
      // The first branch takes the others along.
      if (node.join.type === "any" && node.losers === "cancel") return apart(node, place, before, report);
      return inTurn(node, place, before, report);
    case "map": {
      const after = inTurn(node, place, before, report);
      if (before === undefined && after !== undefined)
        warn(report, after, "is sent once for every item of a map");
      return after;
    }
    case "sequence":
      return inTurn(node, place, before, report);
    case "task":
    case "wait":
    case "human":
    case "transform":
    case "emit":
      return before;
  }
}

function inTurn(node: ExpandedPlan, place: string, before: string | undefined, report: Report) {
  return childrenOf(node).reduce(
    (sent, [part, child]) => follow(child, `${place}/${part}`, sent, report),
    before,
  );
}

/** Only one of the arms replies. */
function apart(node: ExpandedPlan, place: string, before: string | undefined, report: Report) {
  const ways = childrenOf(node).map(([part, child]) => follow(child, `${place}/${part}`, before, report));
  return ways.find((sent) => sent !== before) ?? before;
}

function replied(place: string, what: string, before: string | undefined, report: Report): string {
  if (before !== undefined) warn(report, place, `${what}may come after the reply at ${before}`);
  return place;
}

function replies(node: PlanNode<unknown>): boolean {
  let found = false;
  visitPlan(node, (visit) => {
    found ||= visit.node.kind === "reply";
  });
  return found;
}

const REPAIR =
  "Keep one of them; to send more later, emit an event. A sub-flow's reply goes to the caller of the outer run.";

function warn(report: Report, place: string, problem: string): void {
  report.warning(LintRule.secondReply, place, `${problem}; the caller waits for the first only`, REPAIR);
}
