import { drawnLabel } from "#console/model/graph-layout.ts";
import { END, START, type FlowGraph } from "#console/model/flow-graph.ts";
import type { CompiledNode } from "#core/flow/plan.ts";
import { childrenOf } from "#core/flow/visit-plan.ts";

/** Where a step stands: the middle of its box, px. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface FlowLayout {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly width: number;
  readonly height: number;
}

export const BOX_HEIGHT = 28;
const ROW = 66;
const GAP = 26;
const MARGIN = 16;
const CHARACTER = 7;
const LEAST_WIDTH = 64;

/** A part of a plan: how much room it takes, and where its steps stand once it is known where it does. */
interface Part {
  readonly width: number;
  readonly rows: number;
  readonly put: (left: number, row: number) => readonly (readonly [id: string, box: Box])[];
}

/**
 * Where the steps of a flow are drawn: as the plan is nested, so are its parts. What is done in turn stands in a column, what is done side by side
 * or in place of another in a row.
 */
export function flowLayout({ nodes }: FlowGraph, plan: CompiledNode): FlowLayout {
  const labels = new Map(nodes.map(({ id, label }) => [id, label]));
  const box = (id: string): Part => {
    const width = Math.max(LEAST_WIDTH, drawnLabel(labels.get(id) ?? "").length * CHARACTER + 24);
    const put: Part["put"] = (left, row) => [
      [id, { x: left + width / 2, y: MARGIN + row * ROW + BOX_HEIGHT / 2, width }],
    ];
    return { width, rows: 1, put };
  };
  const partOf = (node: CompiledNode, id: string): Part => {
    const inside = childrenOf(node).map(([part, child]) => partOf(child, `${id}/${part}`));
    switch (node.kind) {
      case "sequence":
        return column(inside);
      case "task":
        return beside([box(id), ...node.fallback.map((_, at) => box(`${id}#${at}`)), ...inside]);
      case "parallel":
        return column([box(id), beside(inside), box(`${id}#join`)]);
      case "choice":
      case "map":
      case "flow":
        return column([box(id), beside(inside)]);
      case "wait":
      case "human":
      case "transform":
      case "emit":
      case "reply":
        return box(id);
    }
  };
  const { width, rows, put } = column([box(START), partOf(plan, "plan"), box(END)]);
  return {
    boxes: new Map(put(MARGIN, 0)),
    width: width + 2 * MARGIN,
    height: (rows - 1) * ROW + BOX_HEIGHT + 2 * MARGIN,
  };
}

function column(parts: readonly Part[]): Part {
  const width = Math.max(0, ...parts.map((part) => part.width));
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const put: Part["put"] = (left, row) => {
    let next = row;
    return parts.flatMap((part) => {
      const boxes = part.put(left + (width - part.width) / 2, next);
      next += part.rows;
      return boxes;
    });
  };
  return { width, rows, put };
}

function beside(parts: readonly Part[]): Part {
  const width = parts.reduce((sum, part) => sum + part.width, 0) + GAP * Math.max(0, parts.length - 1);
  const put: Part["put"] = (left, row) => {
    let next = left;
    return parts.flatMap((part) => {
      const boxes = part.put(next, row);
      next += part.width + GAP;
      return boxes;
    });
  };
  return { width, rows: Math.max(0, ...parts.map((part) => part.rows)), put };
}
