import { Tally, type Summary } from "#simulator/report.ts";
import { runSeed } from "#simulator/run-seed.ts";
import { startCpuTime } from "./cpu-time.ts";

/** Consecutive seeds that one thread runs in one go. */
export interface SeedBlock {
  readonly from: number;
  readonly count: number;
}

export interface BlockOptions {
  readonly flow?: string;
  /** Ends a block at its first failing seed. */
  readonly firstViolation: boolean;
}

export interface BlockResult {
  readonly summary: Summary;
  /** Seeds that broke a promise, in order. */
  readonly failed: readonly number[];
  /** That the thread had on a core. */
  readonly seconds: number;
}

/** Small enough that all threads end at nearly the same time, large enough that handing them out costs nothing. */
const MOST_SEEDS = 50;

export function blocksOf(start: number, seeds: number, most: number = MOST_SEEDS): readonly SeedBlock[] {
  return Array.from({ length: Math.ceil(seeds / most) }, (_, at) => ({
    from: start + at * most,
    count: Math.min(most, seeds - at * most),
  }));
}

export async function runBlock({ from, count }: SeedBlock, options: BlockOptions): Promise<BlockResult> {
  const cpuTime = startCpuTime();
  const tally = new Tally();
  const failed: number[] = [];
  for (let seed = from; seed < from + count; seed++) {
    const result = await runSeed(seed, options.flow === undefined ? {} : { flow: options.flow });
    tally.add(result);
    if (result.violations.length > 0) failed.push(seed);
    if (options.firstViolation && failed.length > 0) break;
  }
  const seconds = cpuTime();
  return { summary: tally.summary(seconds), failed, seconds };
}
