import { buildFunction } from "../../infra/bundling/build-function.ts";
import { FUNCTION_BUDGETS, ROOT } from "./bundle.ts";

export interface MeasuredSize {
  readonly name: string;
  readonly bytes: number;
  readonly mostBytes: number;
  /** How long a process of it took to be ready, where one was started. */
  readonly initMs?: number;
}

/** What each function of the project loads at init. */
export function measureFunctions(): readonly MeasuredSize[] {
  return FUNCTION_BUDGETS.map(({ name, entry, mostBytes }) => ({
    name,
    bytes: buildFunction(`${ROOT}functions/${entry}`).initBytes,
    mostBytes,
  }));
}

const NAME_WIDTH = 24;
const CELL_WIDTH = 12;

/** Sizes beside their budgets, and times where there are any. */
export function sizesTable(sizes: readonly MeasuredSize[]): string {
  const timed = sizes.some(({ initMs }) => initMs !== undefined);
  const row = (name: string, cells: readonly string[]) =>
    name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(CELL_WIDTH)).join("");
  const kilobytes = (bytes: number) => (bytes / 1_000).toFixed(1);
  return [
    row("", ["kB", "budget, kB", ...(timed ? ["init, ms"] : [])]),
    ...sizes.map(({ name, bytes, mostBytes, initMs }) =>
      row(name, [
        kilobytes(bytes),
        kilobytes(mostBytes),
        ...(timed ? [initMs === undefined ? "-" : String(Math.round(initMs))] : []),
      ]),
    ),
  ].join("\n");
}
