import { flowGraph, type GraphEdge, type GraphKind } from "#console/model/flow-graph.ts";
import { drawnLabel } from "#console/model/graph-layout.ts";
import type { CompiledFlow } from "#core/flow/plan.ts";
import { escaped } from "../pages/escaped.ts";
import { BOX_HEIGHT, flowLayout, type Box } from "./flow-layout.ts";

/** What a box is filled with, by what its step does; anything else is white. */
const FILL: Readonly<Partial<Record<GraphKind, string>>> = {
  start: "#e8e8e8",
  end: "#e8e8e8",
  task: "#dcebff",
  fallback: "#fff1d6",
  choice: "#efe3ff",
  human: "#ffe3ea",
  wait: "#ffe3ea",
  reply: "#dff5e1",
  emit: "#dff5e1",
};
const ROUND: ReadonlySet<GraphKind> = new Set(["start", "end", "fallback"]);
const STROKE = "#555";

/** A flow as a picture that needs nothing but a browser: the text of an SVG file. Labels that are cut have their whole text as a title. */
export function flowSvg(flow: Pick<CompiledFlow, "name" | "on" | "if" | "plan">): string {
  const graph = flowGraph(flow);
  const { boxes, width, height } = flowLayout(graph, flow.plan);
  const steps = graph.nodes.flatMap(({ id, kind, label }) => {
    const box = boxes.get(id);
    return box === undefined ? [] : [boxText(box, kind, label)];
  });
  const ways = graph.edges.flatMap((edge) => {
    const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
    return from === undefined || to === undefined ? [] : [wayText(edge, from, to)];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="sans-serif" font-size="12">`,
    `<title>Flow ${inSvg(flow.name)}</title>`,
    `<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8Z" fill="${STROKE}"/></marker></defs>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...ways,
    ...steps,
    "</svg>",
    "",
  ].join("\n");
}

function boxText({ x, y, width }: Box, kind: GraphKind, label: string): string {
  const rect = `<rect x="${x - width / 2}" y="${y - BOX_HEIGHT / 2}" width="${width}" height="${BOX_HEIGHT}" rx="${ROUND.has(kind) ? BOX_HEIGHT / 2 : 4}" fill="${FILL[kind] ?? "#fff"}" stroke="${STROKE}"/>`;
  const text = `<text x="${x}" y="${y + 4}" text-anchor="middle">${inSvg(drawnLabel(label))}</text>`;
  return `<g><title>${inSvg(label)}</title>${rect}${text}</g>`;
}

/** A way goes down from box to box, or across to one that stands in the same row. */
function wayText({ kind, label }: GraphEdge, from: Box, to: Box): string {
  const isAcross = from.y === to.y;
  const [x1, y1] = isAcross ? [from.x + from.width / 2, from.y] : [from.x, from.y + BOX_HEIGHT / 2];
  const [x2, y2] = isAcross ? [to.x - to.width / 2, to.y] : [to.x, to.y - BOX_HEIGHT / 2];
  const middle = (y1 + y2) / 2;
  const path = isAcross ? `M${x1} ${y1}H${x2}` : `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`;
  const dashes = kind === "next" || kind === "branch" ? "" : ' stroke-dasharray="4 3"';
  const line = `<path d="${path}" fill="none" stroke="${STROKE}"${dashes} marker-end="url(#tip)"/>`;
  if (label === undefined || isAcross) return line;
  // At its end, where the ways of a choice are apart.
  return `${line}<text x="${x2}" y="${y2 - 10}" text-anchor="middle" font-size="10" fill="#333" stroke="#fff" stroke-width="3" paint-order="stroke"><title>${inSvg(label)}</title>${inSvg(drawnLabel(label))}</text>`;
}

/** A text inside SVG; what XML cannot hold is left out. */
const inSvg = (text: string): string =>
  escaped(text).replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "");
