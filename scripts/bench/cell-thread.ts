/** A thread that plays cells, one after another, for `playCells`. */
import { parentPort } from "node:worker_threads";
import { playCell, type Cell } from "./cell.ts";
import type { Played } from "./play-cells.ts";

parentPort?.on("message", ({ at, cell }: { readonly at: number; readonly cell: Cell }) => {
  playCell(cell).then(
    (result) => parentPort?.postMessage({ at, result } satisfies Played),
    (error: unknown) =>
      parentPort?.postMessage({
        at,
        error: `${cell.arm}, seed ${cell.seed}: ${error instanceof Error ? error.stack : String(error)}`,
      } satisfies Played),
  );
});
