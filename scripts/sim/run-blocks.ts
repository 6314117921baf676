import { Worker } from "node:worker_threads";
import { runBlock, type BlockOptions, type BlockResult, type SeedBlock } from "./seed-block.ts";
import type { BlockDone, BlockOrder } from "./seed-worker.ts";

/**
 * Runs blocks of seeds on so many threads, and yields what they came to in the order of the blocks: whoever adds up, or
 * stops at the first that fails, sees the same whatever the number of threads.
 */
export async function* runBlocks(
  blocks: readonly SeedBlock[],
  options: BlockOptions,
  workers: number,
): AsyncGenerator<BlockResult> {
  if (Math.min(workers, blocks.length) > 1) yield* runInThreads(blocks, options, workers);
  else for (const block of blocks) yield await runBlock(block, options);
}

async function* runInThreads(
  blocks: readonly SeedBlock[],
  options: BlockOptions,
  workers: number,
): AsyncGenerator<BlockResult> {
  const results = new Map<number, BlockResult>();
  let failure: Error | undefined;
  let wake = () => undefined as void;
  let given = 0;
  const threads = Array.from({ length: Math.min(workers, blocks.length) }, () => {
    const thread = new Worker(new URL("./seed-worker.ts", import.meta.url), { workerData: options });
    const giveNext = () => {
      const block = blocks[given];
      if (block === undefined) return;
      const order: BlockOrder = { at: given, block };
      given += 1;
      thread.postMessage(order);
    };
    thread.on("message", ({ at, result }: BlockDone) => {
      results.set(at, result);
      giveNext();
      wake();
    });
    thread.on("error", (error) => {
      failure = error instanceof Error ? error : new Error(String(error));
      wake();
    });
    giveNext();
    return thread;
  });
  try {
    for (let at = 0; at < blocks.length; at++) {
      let result = results.get(at);
      while (result === undefined) {
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => (wake = resolve));
        result = results.get(at);
      }
      results.delete(at);
      yield result;
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
