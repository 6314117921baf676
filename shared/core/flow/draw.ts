import type { CompiledFlow, Fallback, FlowDefinition, Join, PlanNode } from "./plan.ts";
import { childrenOf } from "./visit-plan.ts";

type Named = string | { readonly name: string };

/**
 * A flow as indented text, one line per step: for people, in reviews and in terminals.
 *
 * @example
 * console.log(drawFlow(greeting));
 */
export function drawFlow(flow: FlowDefinition | CompiledFlow): string {
  const trigger = flow.on === undefined ? "inside other flows" : `on ${flow.on}`;
  const condition = flow.if === undefined ? "" : ` if ${flow.if}`;
  const title = `flow ${flow.name}: ${trigger}${condition}, when busy ${flow.onBusy ?? "queue"}`;
  const life = "lifeMs" in flow ? flow.lifeMs : flow.timeoutMs;
  const head = life === undefined ? title : `${title}, at most ${duration(life)}`;
  return [head, ...drawNode<Named>(flow.plan, "", "  ")].join("\n");
}

function drawNode<Ref extends Named>(node: PlanNode<Ref>, label: string, indent: string): readonly string[] {
  const inside = childrenOf(node).flatMap(([part, child]) =>
    drawNode(child, labelOf(node, part), `${indent}  `),
  );
  return [`${indent}${label}${describe(node)}`, ...inside];
}

function labelOf<Ref>(parent: PlanNode<Ref>, part: string): string {
  switch (parent.kind) {
    case "sequence":
      return `${Number(part) + 1}. `;
    case "parallel":
      return `${part}: `;
    case "choice": {
      const arm = parent.when[Number(part.split("/")[1])];
      return arm === undefined ? "otherwise: " : `if ${arm.if}: `;
    }
    case "task":
      return "to undo it: ";
    case "map":
    case "flow":
    case "wait":
    case "human":
    case "transform":
    case "emit":
    case "reply":
      return "";
  }
}

function describe<Ref extends Named>(node: PlanNode<Ref>): string {
  switch (node.kind) {
    case "task":
      return [`task ${nameOf(node.agent)}${within(node.timeoutMs)}`, ...node.fallback.map(link)].join(
        ", else ",
      );
    case "sequence":
      return `sequence${within(node.timeoutMs)}`;
    case "parallel": {
      const losers = node.losers === "finish" ? ", losers finish" : "";
      const late = node.timeoutMs !== undefined && node.onTimeout === "partial" ? ", then go on" : "";
      return `parallel, join ${joinText(node.join)}${losers}${within(node.timeoutMs)}${late}`;
    }
    case "choice":
      return "choice";
    case "map":
      return `map over ${node.over}, ${node.maxConcurrent} at a time, at most ${node.maxItems}${within(node.timeoutMs)}`;
    case "wait":
      return `wait for ${node.take === "first" ? "the first " : ""}${node.event}${node.if === undefined ? "" : ` if ${node.if}`}${into(node.into)}${late(node)}`;
    case "human":
      return `ask a person ${JSON.stringify(node.ask)}${into(node.into)}${late(node)}`;
    case "flow":
      return `flow ${node.flow}${within(node.timeoutMs)}`;
    case "transform":
      return `set ${Object.entries(node.set)
        .map(([path, text]) => `${path} = ${text}`)
        .join("; ")}`;
    case "emit":
      return `emit ${node.event} with ${node.data}`;
    case "reply":
      return `reply ${node.body}`;
  }
}

const nameOf = (agent: Named): string => (typeof agent === "string" ? agent : agent.name);
const into = (section: string | undefined): string => (section === undefined ? "" : ` into ${section}`);
const within = (ms: number | undefined): string => (ms === undefined ? "" : ` within ${duration(ms)}`);
const late = (node: { readonly timeoutMs: number; readonly onTimeout: "fail" | "continue" }): string =>
  `${within(node.timeoutMs)}, then ${node.onTimeout}`;

function joinText(join: Join): string {
  if (join.type === "quorum") return `quorum of ${join.n}`;
  return join.type === "best" ? `best into ${join.into}` : join.type;
}

function link(fallback: Fallback<Named>): string {
  switch (fallback.type) {
    case "agent":
      return `task ${nameOf(fallback.agent)}`;
    case "value":
      return `value ${JSON.stringify(fallback.value)}`;
    case "last-known":
      return "last known value";
    case "human":
      return `ask a person ${JSON.stringify(fallback.ask)}${within(fallback.timeoutMs)}`;
    case "skip":
      return "skip";
  }
}

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
];

/** In the largest unit that leaves no fraction. */
function duration(ms: number): string {
  const unit = UNITS.find(([, size]) => ms >= size && ms % size === 0);
  return unit === undefined ? `${ms} ms` : `${ms / unit[1]} ${unit[0]}`;
}
