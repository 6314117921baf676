/** A thread that runs blocks of seeds, one at a time. Started by run-blocks.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { runBlock, type BlockOptions, type BlockResult, type SeedBlock } from "./seed-block.ts";

export interface BlockOrder {
  readonly at: number;
  readonly block: SeedBlock;
}

export interface BlockDone {
  readonly at: number;
  readonly result: BlockResult;
}

// As in the main thread: nobody reads where a fault was thrown.
Error.stackTraceLimit = 0;

const options = workerData as BlockOptions; // the main thread gave them

parentPort?.on("message", (order: BlockOrder) => void run(order));

async function run({ at, block }: BlockOrder): Promise<void> {
  const done: BlockDone = { at, result: await runBlock(block, options) };
  parentPort?.postMessage(done);
}
