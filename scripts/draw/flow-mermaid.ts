import { flowGraph, type GraphEdge, type GraphKind } from "#console/model/flow-graph.ts";
import type { CompiledFlow } from "#core/flow/plan.ts";

/** What is around a step's label, by what the step does. */
const AROUND: Readonly<Partial<Record<GraphKind, readonly [string, string]>>> = {
  start: ["([", "])"],
  end: ["([", "])"],
  choice: ["{", "}"],
  fork: ["[[", "]]"],
  join: ["[[", "]]"],
  human: ["[/", "/]"],
  wait: ["[/", "/]"],
  reply: [">", "]"],
  emit: [">", "]"],
  fallback: ["(", ")"],
};

/** A flow as the text of a Mermaid flowchart, which many pages draw: a step a line, and then a way a line. */
export function flowMermaid(flow: Pick<CompiledFlow, "on" | "if" | "plan">): string {
  const { nodes, edges } = flowGraph(flow);
  const ids = new Map(nodes.map(({ id }, at) => [id, `n${at}`]));
  const steps = nodes.map(({ id, kind, label }) => {
    const [open, close] = AROUND[kind] ?? ["[", "]"];
    return `  ${ids.get(id)}${open}${quoted(label)}${close}`;
  });
  const ways = edges.map((edge) => `  ${ids.get(edge.from)} ${arrowOf(edge)} ${ids.get(edge.to)}`);
  return ["flowchart TD", ...steps, ...ways].join("\n");
}

function arrowOf({ kind, label }: GraphEdge): string {
  const arrow = kind === "next" || kind === "branch" ? "-->" : "-.->";
  return label === undefined ? arrow : `${arrow}|${quoted(label)}|`;
}

/** A label in quotes, in which only what would end it or begin an entity has another form. */
const quoted = (label: string): string =>
  `"${label.replaceAll(/[#"<>&\n]/g, (character) => `#${character.charCodeAt(0)};`)}"`;
