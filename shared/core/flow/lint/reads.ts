import { pathsOf } from "../../condition.ts";
import type { ContractSpec } from "../../contract.ts";
import type { FlowDefinition, TaskNode } from "../plan.ts";
import { childrenOf, visitPlan } from "../walk.ts";
import { pathsWrittenBy, sectionOf } from "../writes.ts";
import { expressionsOf } from "./expressions.ts";
import { LintRule, type Report } from "./finding.ts";
import { expand, subFlowsOf, type ExpandedPlan, type Scope } from "./scope.ts";

/** Sections that have a value before any step ran; the spine writes them. */
const ALWAYS_THERE: ReadonlySet<string> = new Set(["input", "session", "constraints", "confidence"]);

interface Read {
  readonly path: string;
  readonly place: string;
  readonly event: boolean;
}

/** Every path that is read must have a writer, and should not be read before it can have been written. */
export function checkReads(scope: Scope): void {
  const plans = scope.flows.map((flow) => ({ flow, plan: expand(flow, scope) }));
  const written = plans.map(({ plan }) => sectionsIn(plan));
  const everywhere = new Set(written.flatMap((sections) => [...sections]));
  const mapped = flowsInsideMaps(scope);
  for (const [i, { flow, plan }] of plans.entries()) {
    const report = scope.report(flow);
    checkWriters(flow, scope, everywhere, mapped.has(flow.name), report);
    const elsewhere = new Set(written.flatMap((sections, j) => (i === j ? [] : [...sections])));
    checkOrder(plan, elsewhere, report);
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
    const section = sectionOf(path);
    if (section === "undo" && undoes) return;
    if (ALWAYS_THERE.has(section) || written.has(section)) return;
    if (section === "event" && event) return;
    if (section === "item" && inMap) return;
    report.error(
      LintRule.unwrittenPath,
      place,
      `reads "${path}", and ${whyNot(section)}`,
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

function whyNot(section: string): string {
  if (section === "event") return "`event` has a value only in the conditions of triggers and waits";
  if (section === "item") return "`item` has a value only inside a map";
  if (section === "undo") return "`undo` has a value only for what compensates a step";
  return `no step of any flow writes "${section}"`;
}

function repairOf(section: string, scope: Scope): string {
  if (section === "event") return "What started the run stands in `input`; a wait's `into` keeps its event.";
  if (section === "undo") return "Name the agent in a step's `compensate`.";
  if (section === "item") return "Move the step into a map's `each`, or read another path.";
  const owner = [...scope.agents.values()].find((spec) => spec.writes === section);
  if (owner !== undefined) return `Use the agent "${owner.name}", which writes it, in a step before.`;
  return "Correct the name, or write it with a transform, a wait's or a person's `into`.";
}

// An expression that does not parse has no paths, and a finding of its own.
const readsOf = (place: string, text: string, event: boolean): readonly Read[] =>
  pathsOf(text).map((path) => ({ path, place, event }));

function conditionReads(node: Parameters<typeof expressionsOf>[0], place: string): readonly Read[] {
  return expressionsOf(node).flatMap(({ part, text, event }) => readsOf(`${place}/${part}`, text, event));
}

function contractReads<Ref>(
  node: TaskNode<Ref>,
  place: string,
  contractOf: (agent: Ref) => ContractSpec | undefined,
): readonly Read[] {
  const of = (agent: Ref, at: string): readonly Read[] =>
    (contractOf(agent)?.reads ?? []).map((path) => ({ path, place: at, event: false }));
  const links = node.fallback.flatMap((link, i) =>
    link.type === "agent" ? of(link.agent, `${place}/fallback/${i}`) : [],
  );
  return [...of(node.agent, place), ...links];
}

/** Warns of reads whose only writers come later in the same sequence. */
function checkOrder(plan: ExpandedPlan, elsewhere: ReadonlySet<string>, report: Report): void {
  const walk = (
    node: ExpandedPlan,
    place: string,
    borrowed: boolean,
    before: ReadonlySet<string>,
    after: ReadonlySet<string>,
  ): void => {
    const task = node.kind === "task" ? contractReads(node, place, (agent) => agent) : [];
    const said = new Set<string>();
    for (const read of [...task, ...conditionReads(node, place)]) {
      const section = sectionOf(read.path);
      if (before.has(section) || elsewhere.has(section) || !after.has(section)) continue;
      const at = borrowed ? place : read.place;
      if (said.has(`${at} ${read.path}`)) continue;
      said.add(`${at} ${read.path}`);
      const problem = `reads "${read.path}", which is written only later`;
      const repair = "In a session's first run there is no value yet: move the step behind the writer.";
      report.warning(LintRule.readBeforeWrite, at, problem, repair);
    }
    const children = childrenOf(node);
    const writes = children.map(([, child]) => sectionsIn(child));
    const inTurn = node.kind === "sequence";
    // What undoes a task runs when everything that was written is there.
    const known = node.kind === "task" ? union(before, [after]) : before;
    for (const [i, [part, child]] of children.entries()) {
      const earlier = inTurn ? writes.slice(0, i) : [];
      // What comes later inside a sub-flow is reported where that is defined.
      const later = inTurn && !borrowed ? writes.slice(i + 1) : [];
      walk(
        child,
        borrowed || node.kind === "flow" ? place : `${place}/${part}`,
        borrowed || node.kind === "flow",
        union(known, earlier),
        union(after, later),
      );
    }
  };
  walk(plan, "plan", false, new Set(), new Set());
}

function union(set: ReadonlySet<string>, more: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return more.length === 0 ? set : new Set([...set, ...more.flatMap((other) => [...other])]);
}
