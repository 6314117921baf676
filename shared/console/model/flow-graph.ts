import type { CompiledFlow, CompiledNode, Fallback } from "#core/flow/plan.ts";
import type { ContractSpec } from "#core/contract.ts";
import { childrenOf } from "#core/flow/visit-plan.ts";

export type GraphKind =
  | "start"
  | "end"
  | "task"
  | "fallback"
  | "fork"
  | "join"
  | "choice"
  | "map"
  | "flow"
  | "wait"
  | "human"
  | "transform"
  | "emit"
  | "reply";

/** A step of a flow as it is drawn. */
export interface GraphNode {
  /** Where it stands in the plan, such as `plan/1/when/0`; a fallback has `#` and its number behind that. */
  readonly id: string;
  readonly kind: GraphKind;
  readonly label: string;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: "next" | "branch" | "fallback" | "undo";
  readonly label?: string;
  /** Which branch of which choice it is. */
  readonly branch?: { readonly choice: string; readonly name: string };
}

export interface FlowGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Where one leaves a part of a graph: a node, and what is said on the way. */
interface Exit {
  readonly node: string;
  readonly edge?: Omit<GraphEdge, "from" | "to">;
}

interface Draft {
  readonly nodes: GraphNode[];
  readonly edges: GraphEdge[];
}

export const START = "start";
export const END = "end";

/** The steps of a flow and what leads to what. */
export function flowGraph(flow: Pick<CompiledFlow, "on" | "if" | "plan">): FlowGraph {
  const draft: Draft = { nodes: [{ id: START, kind: "start", label: `on ${flow.on}` }], edges: [] };
  const exits = add(draft, flow.plan, "plan", [{ node: START }]);
  draft.nodes.push({ id: END, kind: "end", label: "end" });
  connect(draft, exits, END);
  return draft;
}

function connect({ edges }: Draft, from: readonly Exit[], to: string): void {
  for (const { node, edge = { kind: "next" as const } } of from) edges.push({ from: node, to, ...edge });
}

/** Adds a step behind what leads to it, and gives where one leaves it. */
function add(draft: Draft, node: CompiledNode, id: string, from: readonly Exit[]): readonly Exit[] {
  const inside = childrenOf(node).map(([part, child]) => [`${id}/${part}`, part, child] as const);
  if (node.kind === "sequence")
    return inside.reduce((exits, [childId, , child]) => add(draft, child, childId, exits), from);
  draft.nodes.push({ id, kind: node.kind === "parallel" ? "fork" : node.kind, label: labelOf(node) });
  connect(draft, from, id);
  switch (node.kind) {
    case "task":
      for (const [childId, , child] of inside)
        add(draft, child, childId, [{ node: id, edge: { kind: "undo", label: "undo" } }]);
      return [{ node: id }, ...addFallbacks(draft, node.fallback, id)];
    case "parallel": {
      const exits = inside.flatMap(([childId, part, child]) =>
        add(draft, child, childId, [{ node: id, edge: { kind: "next", label: part } }]),
      );
      draft.nodes.push({ id: `${id}#join`, kind: "join", label: `join ${node.join.type}` });
      connect(draft, exits, `${id}#join`);
      return [{ node: `${id}#join` }];
    }
    case "choice":
      return inside.flatMap(([childId, part, child]) => {
        const arm = node.when[Number(part.split("/")[1])];
        const edge = {
          kind: "branch",
          label: arm?.if ?? "otherwise",
          branch: { choice: id, name: part },
        } as const;
        return add(draft, child, childId, [{ node: id, edge }]);
      });
    case "map":
    case "flow":
      return inside.reduce<readonly Exit[]>(
        (exits, [childId, , child]) => add(draft, child, childId, exits),
        [{ node: id }],
      );
    case "wait":
    case "human":
    case "transform":
    case "emit":
    case "reply":
      return [{ node: id }];
  }
}

function addFallbacks(draft: Draft, links: readonly Fallback<ContractSpec>[], task: string): readonly Exit[] {
  return links.map((link, at) => {
    const id = `${task}#${at}`;
    draft.nodes.push({ id, kind: "fallback", label: fallbackText(link) });
    draft.edges.push({
      from: at === 0 ? task : `${task}#${at - 1}`,
      to: id,
      kind: "fallback",
      label: "else",
    });
    return { node: id };
  });
}

function fallbackText(link: Fallback<ContractSpec>): string {
  switch (link.type) {
    case "agent":
      return link.agent.name;
    case "value":
      return "a fixed value";
    case "last-known":
      return "last known";
    case "human":
      return "ask a person";
    case "skip":
      return "skip";
  }
}

function labelOf(node: CompiledNode): string {
  switch (node.kind) {
    case "task":
      return node.agent.name;
    case "parallel":
      return "fork";
    case "choice":
      return "which?";
    case "map":
      return `each of ${node.over}`;
    case "flow":
      return node.flow;
    case "wait":
      return `wait for ${node.event}`;
    case "human":
      return `ask: ${node.ask}`;
    case "transform":
      return `set ${Object.keys(node.set).join(", ")}`;
    case "emit":
      return `emit ${node.event}`;
    case "reply":
      return "reply";
    case "sequence":
      return "sequence";
  }
}
