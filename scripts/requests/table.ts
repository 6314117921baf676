import { APART, APART_KINDS, STEP_KINDS, type Kind, type Tally } from "./kinds.ts";
import { MOST_PER_STEP, type RequestsReport } from "./measure.ts";
import type { Way } from "./play.ts";

const NAME_WIDTH = 14;
const CELL_WIDTH = 11;

interface Column {
  readonly title: string;
  readonly requests: Tally;
  readonly total: number;
}

/** The report as a table: a column for a step, and one for each message, without and with a caller that waits. */
export function requestsTable({ steps, plays }: RequestsReport): string {
  const columns: readonly Column[] = [
    ...steps.map((step) => ({ ...step, title: marked("a step", step.way) })),
    ...plays.map((each) => ({ ...each, title: marked(each.play, each.way) })),
  ];
  const row = (name: string, cells: readonly (string | number)[], note = "") =>
    `${name.padEnd(NAME_WIDTH)}${cells.map((cell) => String(cell).padStart(CELL_WIDTH)).join("")}${note}`;
  const kindRow = (kind: Kind, note?: string) =>
    row(
      kind,
      columns.map(({ requests }) => requests[kind] ?? "-"),
      note,
    );
  const seen = (kind: Kind) => columns.some(({ requests }) => requests[kind] !== undefined);
  const about = plays
    .filter(({ way }) => way === "request")
    .map(({ play, about: what }) => `${play}: ${what}`);
  return [
    `${about.join("; ")}. +w: the caller waits (Prefer: wait); +b: the message comes by spine-in.`,
    "A step is document minus advice, the same flow with one agent fewer: the costs per session cancel out.",
    "",
    row(
      "",
      columns.map(({ title }) => title),
    ),
    ...STEP_KINDS.map((kind) => kindRow(kind)),
    ...(seen("other") ? [kindRow("other")] : []),
    row(
      "together",
      columns.map(({ total }) => total),
      `  a step: at most ${MOST_PER_STEP}`,
    ),
    "",
    "apart",
    ...APART_KINDS.filter(seen).map((kind) => kindRow(kind, `  ${APART[kind]}`)),
    "",
    "Empty receives are not counted: here no poller asks an empty queue. On AWS they are part of the idle cost of queues.",
  ].join("\n");
}

const MARKS: Readonly<Record<Way, string>> = { request: "", waiting: "+w", bus: "+b" };
const marked = (title: string, way: Way): string => title + MARKS[way];
