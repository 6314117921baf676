import type { FlowGraph, GraphEdge, GraphNode } from "./flow-graph.ts";

export interface DrawnNode extends GraphNode {
  /** Its middle, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface DrawnEdge {
  readonly edge: GraphEdge;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** The middle of its label. */
  readonly label?: { readonly x: number; readonly y: number };
}

export interface GraphLayout {
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
  readonly width: number;
  readonly height: number;
}

const CHARACTER = 6.6;
const MOST_CHARACTERS = 30;
const LABEL_CHARACTER = 5.6;
const HEIGHT = 26;

/** A label as far as it is drawn; the whole of it stands in the table and the tip. */
export const drawnLabel = (label: string): string =>
  label.length > MOST_CHARACTERS ? `${label.slice(0, MOST_CHARACTERS - 1)}…` : label;

/** Where the steps of a flow are drawn. The library that finds that out is loaded when the first graph is. */
export async function layoutOf({ nodes, edges }: FlowGraph): Promise<GraphLayout> {
  const { graphlib, layout } = await import("@dagrejs/dagre");
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 18, ranksep: 34, marginx: 10, marginy: 10 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, label, kind } of nodes) {
    const width =
      kind === "join" || kind === "fork" ? 64 : Math.max(64, drawnLabel(label).length * CHARACTER + 34);
    graph.setNode(id, { width, height: HEIGHT });
  }
  for (const [at, { from, to, label }] of edges.entries())
    graph.setEdge(
      from,
      to,
      label === undefined
        ? {}
        : { width: drawnLabel(label).length * LABEL_CHARACTER, height: 12, labelpos: "c" },
      String(at),
    );
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    nodes: nodes.map((node) => ({ ...node, ...boxOf(graph.node(node.id)) })),
    edges: edges.map((edge, at): DrawnEdge => {
      const { points, x, y } = graph.edge({ v: edge.from, w: edge.to, name: String(at) });
      return {
        edge,
        points,
        ...(edge.label !== undefined && x !== undefined && y !== undefined && { label: { x, y } }),
      };
    }),
    width,
    height,
  };
}

const boxOf = ({ x, y, width, height }: Pick<DrawnNode, "x" | "y" | "width" | "height">) => ({
  x,
  y,
  width,
  height,
});
