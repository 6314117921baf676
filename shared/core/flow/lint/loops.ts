import type { FlowDefinition } from "../plan.ts";
import { childrenOf, visitPlan } from "../visit-plan.ts";
import type { PlanNode } from "../plan.ts";
import { LintRule } from "./finding.ts";
import { expand, subFlowsOf, type Scope } from "./scope.ts";
import { MAX_ITEM_TASKS } from "../demand.ts";
import { MAX_DEPTH, MAX_NODES } from "./lint-shape.ts";

/**
 * Sub-flows must not contain themselves, and with them inlined a plan must stay within its bounds.
 * False when plans cannot be expanded.
 */
export function checkSubFlows(scope: Scope): boolean {
  const cyclic = scope.flows.filter((flow) => {
    const way = wayBack(flow.name, (name) => {
      const at = scope.byName.get(name);
      return at === undefined ? [] : subFlowsOf(at).map((subFlow) => subFlow.name);
    });
    if (way === undefined) return false;
    const place = subFlowsOf(flow).find((subFlow) => subFlow.name === way[1])?.place ?? "plan";
    const problem = `contains itself: ${way.join(" → ")}`;
    const repair = "Break the cycle; to repeat it, emit an event under a condition.";
    scope.report(flow).error(LintRule.unboundedLoop, place, problem, repair);
    return true;
  });
  if (cyclic.length > 0) return false;
  const measured = new Map<string, Size>();
  return scope.flows.map((flow) => staysSmall(flow, scope, measured)).every(Boolean);
}

interface Size {
  readonly nodes: number;
  readonly depth: number;
  /** Tasks of a run, if every list is as long as it may be. */
  readonly tasks: number;
  /** Those of them that stand in maps. */
  readonly itemTasks: number;
}

function staysSmall(flow: FlowDefinition, scope: Scope, measured: Map<string, Size>): boolean {
  const { nodes, depth, itemTasks } = sizeOf(flow, scope, measured);
  const report = scope.report(flow);
  const repair = `At most ${MAX_NODES} steps, ${MAX_DEPTH} deep, sub-flows included: split the flow by an emit.`;
  if (nodes > MAX_NODES)
    report.error(LintRule.tooLarge, "plan", `has ${nodes} steps with its sub-flows`, repair);
  if (depth > MAX_DEPTH)
    report.error(LintRule.tooDeep, "plan", `is ${depth} steps deep with its sub-flows`, repair);
  if (itemTasks > MAX_ITEM_TASKS)
    report.error(
      LintRule.tooLarge,
      "plan",
      `may have ${itemTasks} tasks in its maps (the product of maxItems of nested maps)`,
      `At most ${MAX_ITEM_TASKS} in one run: lower maxItems, or emit events so that separate runs process parts of the list.`,
    );
  return nodes <= MAX_NODES && depth <= MAX_DEPTH;
}

/** A flow may come as JSON: that this is no number is told where numbers are checked. */
const countOf = (given: number): number => (Number.isInteger(given) ? given : 1);

function sizeOf(flow: FlowDefinition, scope: Scope, measured: Map<string, Size>): Size {
  const known = measured.get(flow.name);
  if (known !== undefined) return known;
  const measure = (node: PlanNode): Size => {
    const subFlow = node.kind === "flow" ? scope.byName.get(node.flow) : undefined;
    const inside = childrenOf(node).map(([, child]) => measure(child));
    if (subFlow !== undefined) inside.push(sizeOf(subFlow, scope, measured));
    const below = inside.reduce((sum, child) => sum + child.tasks, 0);
    const tasks =
      node.kind === "task" ? 1 + below : node.kind === "map" ? below * countOf(node.maxItems) : below;
    const itemTasks = node.kind === "map" ? tasks : inside.reduce((sum, child) => sum + child.itemTasks, 0);
    return {
      tasks,
      itemTasks,
      nodes: inside.reduce((sum, child) => sum + child.nodes, 1),
      depth: 1 + Math.max(0, ...inside.map((child) => child.depth)),
    };
  };
  const size = measure(flow.plan);
  measured.set(flow.name, size);
  return size;
}

/** Flows that start each other by the events that they emit must have a condition on the way. */
export function checkEmits(scope: Scope): void {
  const links = scope.flows.map((flow) => ({ flow, emits: emitsOf(flow, scope) }));
  const next = (unguardedOnly: boolean) => (name: string) => {
    const emits = links.find((link) => link.flow.name === name)?.emits ?? [];
    return scope.flows
      .filter((flow) =>
        emits.some((emit) => emit.event === flow.on && !(unguardedOnly && (emit.guarded || flow.if))),
      )
      .map((flow) => flow.name);
  };
  const reported = new Set<string>();
  for (const unguardedOnly of [true, false]) {
    for (const { flow, emits } of links) {
      const way = wayBack(flow.name, next(unguardedOnly));
      if (way === undefined) continue;
      const circle = [...new Set(way)].sort().join(" ");
      if (reported.has(circle)) continue;
      reported.add(circle);
      const on = scope.byName.get(way[1] ?? "")?.on;
      const place = emits.find((emit) => emit.event === on)?.place ?? "plan";
      const problem = `emits "${on}", which leads back to this flow: ${way.join(" → ")}`;
      const report = scope.report(flow);
      if (unguardedOnly) {
        const repair = "Put a condition in the loop: a trigger's `if`, or a choice around the emit.";
        report.error(LintRule.unboundedLoop, place, `${problem}, without any condition`, repair);
      } else {
        const repair =
          "Make sure that the condition eventually fails; the session's hop budget is the last bound.";
        report.warning(LintRule.unboundedLoop, place, problem, repair);
      }
    }
  }
}

interface Emit {
  readonly event: string;
  readonly place: string;
  /** Stands inside a choice. */
  readonly guarded: boolean;
}

function emitsOf(flow: FlowDefinition, scope: Scope): readonly Emit[] {
  const emits: Emit[] = [];
  visitPlan(expand(flow, scope), ({ node, place, inChoice }) => {
    if (node.kind === "emit") emits.push({ event: node.event, place, guarded: inChoice });
  });
  return emits;
}

/** The shortest way from a name back to itself, both ends included; undefined when there is none. */
function wayBack(start: string, next: (name: string) => readonly string[]): readonly string[] | undefined {
  const seen = new Set<string>();
  let ways: readonly (readonly string[])[] = [[start]];
  while (ways.length > 0) {
    const longer: string[][] = [];
    for (const way of ways) {
      for (const name of next(way.at(-1) ?? start)) {
        if (name === start) return [...way, name];
        if (seen.has(name)) continue;
        seen.add(name);
        longer.push([...way, name]);
      }
    }
    ways = longer;
  }
  return undefined;
}
