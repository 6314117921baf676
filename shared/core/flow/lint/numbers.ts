import { inWords } from "../../problems.ts";
import { longestTimeMs, MAX_TIMEOUT_MS, type RetrySpec } from "../../contract.ts";
import { MAX_LIFE_MS } from "../bounds.ts";
import type { FlowDefinition, PlanNode } from "../plan.ts";
import { visitPlan } from "../visit-plan.ts";
import { LintRule, type Report } from "./finding.ts";
import type { Scope } from "./scope.ts";

export const MAX_FAN_OUT = 1_000;
const MAX_RETRIES = 10;

/** Whether items of a map run side by side. That it is no number is told where numbers are checked. */
export const runsTogether = ({ maxConcurrent }: { readonly maxConcurrent: number }): boolean =>
  Number.isInteger(maxConcurrent) && maxConcurrent > 1;

/** Numbers in their ranges, and a bound on every wait. */
export function checkNumbers(flow: FlowDefinition, scope: Scope): void {
  const report = scope.report(flow);
  within(report, "timeoutMs", flow.timeoutMs, upTo(MAX_LIFE_MS));
  visitPlan(flow.plan, ({ node, place }) => checkNode(node, place, report, scope));
}

function checkNode(node: PlanNode, place: string, report: Report, { agents }: Scope): void {
  switch (node.kind) {
    case "task":
      within(report, `${place}/timeoutMs`, node.timeoutMs, upTo(longestTimeMs(agents.get(node.agent) ?? {})));
      checkRetries(node.retries, `${place}/retries`, report);
      node.fallback.forEach((link, i) => {
        if (link.type === "human") bounded(report, `${place}/fallback/${i}/timeoutMs`, link.timeoutMs);
      });
      return;
    case "wait":
    case "human":
      return bounded(report, `${place}/timeoutMs`, node.timeoutMs);
    case "parallel":
      within(report, `${place}/timeoutMs`, node.timeoutMs, upTo(MAX_LIFE_MS));
      if (node.join.type === "quorum") required(report, `${place}/join/n`, node.join.n, upTo(MAX_FAN_OUT));
      return;
    case "map":
      within(report, `${place}/timeoutMs`, node.timeoutMs, upTo(MAX_LIFE_MS));
      required(report, `${place}/maxConcurrent`, node.maxConcurrent, upTo(MAX_FAN_OUT));
      return required(report, `${place}/maxItems`, node.maxItems, upTo(MAX_FAN_OUT));
    case "sequence":
    case "flow":
      return within(report, `${place}/timeoutMs`, node.timeoutMs, upTo(MAX_LIFE_MS));
    case "choice":
    case "transform":
    case "emit":
    case "reply":
      return;
  }
}

function checkRetries(retries: RetrySpec | undefined, place: string, report: Report): void {
  if (retries === undefined) return;
  required(report, `${place}/max`, retries.max, { least: 0, most: MAX_RETRIES });
  required(report, `${place}/backoffMs`, retries.backoffMs, { least: 0, most: MAX_TIMEOUT_MS });
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

const upTo = (most: number): Bounds => ({ least: 1, most });

const isWhole = (value: unknown, { least, most }: Bounds): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;

// Flows read from JSON may lack what the types promise: the numbers are checked here and nowhere before.
function required(report: Report, place: string, value: unknown, bounds: Bounds): void {
  if (isWhole(value, bounds)) return;
  report.error(
    LintRule.badNumber,
    place,
    `${inWords(value)} is out of range`,
    `Use a whole number from ${bounds.least} to ${bounds.most}.`,
  );
}

function within(report: Report, place: string, value: unknown, bounds: Bounds): void {
  if (value !== undefined) required(report, place, value, bounds);
}

function bounded(report: Report, place: string, value: unknown): void {
  if (isWhole(value, upTo(MAX_LIFE_MS))) return;
  const problem = value === undefined ? "the wait has no bound" : `${inWords(value)} is not a bound`;
  report.error(
    LintRule.unboundedWait,
    place,
    problem,
    `Use a whole number of milliseconds, at most ${MAX_LIFE_MS} (365 days).`,
  );
}
