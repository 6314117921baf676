import type { FlowDefinition } from "../plan.ts";
import { visitPlan } from "../visit-plan.ts";
import { pathsWrittenBy, sectionOf } from "../writes.ts";
import { LintRule, type Report } from "./finding.ts";
import { checkOrder } from "./order.ts";
import { conditionReads, contractReads, readsOf, type Read } from "./read.ts";
import { expand, subFlowsOf, type ExpandedPlan, type Scope } from "./scope.ts";

/** What an earlier run left is read behind this. */
const BEFORE = "before.";
/** Sections that have a value before any step ran; the spine writes them. */
const ALWAYS_THERE: ReadonlySet<string> = new Set(["input", "session", "constraints", "confidence"]);

/** Every path that is read must have a writer, and should not be read before it can have been written. */
export function checkReads(scope: Scope): void {
  const plans = scope.flows.map((flow) => ({ flow, plan: expand(flow, scope) }));
  const written = plans.map(({ plan }) => sectionsIn(plan));
  const everywhere = new Set(written.flatMap((sections) => [...sections]));
  const mapped = flowsInsideMaps(scope);
  for (const { flow, plan } of plans) {
    const report = scope.report(flow);
    checkWriters(flow, scope, everywhere, mapped.has(flow.name), report);
    checkOrder(plan, report);
  }
}

function sectionsIn(plan: ExpandedPlan): ReadonlySet<string> {
  const sections = new Set<string>();
  visitPlan(plan, ({ node }) => {
    for (const path of pathsWrittenBy(node, (agent) => agent?.writes)) sections.add(sectionOf(path));
  });
  return sections;
}

/** Flows that some other flow runs once for each item, also by way of a third. */
function flowsInsideMaps(scope: Scope): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (name: string): void => {
    const flow = scope.byName.get(name);
    if (flow === undefined || found.has(name)) return;
    found.add(name);
    for (const inner of subFlowsOf(flow)) add(inner.name);
  };
  for (const flow of scope.flows) for (const used of subFlowsOf(flow)) if (used.inMap) add(used.name);
  return found;
}

function checkWriters(
  flow: FlowDefinition,
  scope: Scope,
  written: ReadonlySet<string>,
  insideMap: boolean,
  report: Report,
): void {
  const check = ({ path, place, event }: Read, inMap: boolean, undoes = false): void => {
    const section = sectionOf(path.startsWith(BEFORE) ? path.slice(BEFORE.length) : path);
    if (path === "before") return;
    if (section === "undo" && undoes) return;
    if (ALWAYS_THERE.has(section) || written.has(section)) return;
    if (section === "event" && event) return;
    if (section === "item" && inMap) return;
    report.error(
      LintRule.unwrittenPath,
      place,
      `reads "${path}", but ${stopReasonOf(section)}`,
      repairOf(section, scope),
    );
  };
  if (flow.if !== undefined) for (const read of readsOf("if", flow.if, true)) check(read, false);
  visitPlan(flow.plan, ({ node, place, inMap, undoes }) => {
    const task = node.kind === "task" ? contractReads(node, place, (name) => scope.agents.get(name)) : [];
    // What undoes a step runs after the list is gone: what it needs of the item stands in `undo`.
    const item = !undoes && (inMap || insideMap);
    for (const read of [...task, ...conditionReads(node, place)]) check(read, item, undoes);
  });
}

function stopReasonOf(section: string): string {
  if (section === "event") return "`event` has a value only in the conditions of triggers and waits";
  if (section === "item") return "`item` has a value only inside a map";
  if (section === "undo") return "`undo` has a value only in a step's compensation";
  return `no step of any flow writes "${section}"`;
}

function repairOf(section: string, scope: Scope): string {
  if (section === "event")
    return "The event that started the run is in `input`; a wait's `into` keeps its own event.";
  if (section === "undo") return "Name the agent in a step's `compensate`.";
  if (section === "item") return "Move the step into a map's `each`, or read another path.";
  const owner = [...scope.agents.values()].find((spec) => spec.writes === section);
  if (owner !== undefined) return `Use the agent "${owner.name}", which writes it, in an earlier step.`;
  return "Correct the name, or write it with a transform, a wait's or a person's `into`.";
}
