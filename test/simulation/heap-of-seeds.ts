/** Runs the same seeds three times and prints the bytes of the heap after the first and after the last. Needs --expose-gc. */
import { runSeed } from "#simulator/run-seed.ts";

const SEEDS = 120;

async function pass(): Promise<number> {
  for (let seed = 0; seed < SEEDS; seed++) await runSeed(seed);
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const first = await pass();
await pass();
console.log(JSON.stringify({ seeds: 2 * SEEDS, first, last: await pass() }));
