import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Cell } from "./cell.ts";
import type { RunResult } from "./run.ts";

export type PlayedCell = RunResult & { readonly cell: Cell };

/** What a thread says when it has played a cell. */
export type Played =
  { readonly at: number; readonly result: RunResult } | { readonly at: number; readonly error: string };

/** Plays cells on as many threads as there are cores. Results come in the cells' order, whoever played them. */
export async function playCells(
  cells: readonly Cell[],
  onPlayed: (done: number) => void,
): Promise<readonly PlayedCell[]> {
  const results: PlayedCell[] = [];
  let next = 0;
  let done = 0;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const thread = new Worker(new URL("./cell-thread.ts", import.meta.url));
      const give = () => {
        const at = next;
        next += 1;
        if (at < cells.length) return thread.postMessage({ at, cell: cells[at] });
        void thread.terminate().then(() => resolve());
      };
      thread.on("error", reject);
      thread.on("message", (played: Played) => {
        const cell = cells[played.at];
        if ("error" in played || cell === undefined) {
          void thread.terminate();
          return reject(new Error("error" in played ? played.error : "A cell that nobody gave was played."));
        }
        results[played.at] = { ...played.result, cell };
        done += 1;
        onPlayed(done);
        give();
      });
      give();
    });
  await Promise.all(Array.from({ length: Math.min(cells.length, availableParallelism()) }, one));
  return results;
}
