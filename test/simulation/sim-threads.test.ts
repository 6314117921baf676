import { describe, expect, it } from "vitest";
import { runBlocks } from "../../scripts/sim/run-blocks.ts";
import { blocksOf } from "../../scripts/sim/seed-block.ts";
import { Tally } from "#simulator/report.ts";
import { runSeed } from "#simulator/run-seed.ts";

const SEEDS = 20;
const blocks = blocksOf(5, SEEDS, 3);

describe("seeds that are shared by threads", () => {
  const played = async (workers: number) => {
    const results: object[] = [];
    const tally = new Tally();
    for await (const { summary, failed } of runBlocks(blocks, { firstViolation: false }, workers)) {
      tally.addAll(summary);
      results.push({ ...summary, failed, sessionsPerSecond: 0 });
    }
    return { results, total: tally.summary(Infinity) };
  };

  it("give the same results, block by block and in total, whatever the number of threads", async () => {
    const alone = new Tally();
    for (let seed = 5; seed < 5 + SEEDS; seed++) alone.add(await runSeed(seed));
    const one = await played(1);
    expect(one.total).toEqual(alone.summary(Infinity));
    expect(one.total.seeds).toBe(SEEDS);
    expect(await played(3)).toEqual(one);
  });

  it("fail as a whole when a thread does", async () => {
    const run = async (workers: number) => {
      for await (const _ of runBlocks(blocks, { firstViolation: false, flow: "nobody's" }, workers)) continue;
    };
    for (const workers of [1, 2]) await expect(run(workers)).rejects.toThrow(`No case is named "nobody's"`);
  });
});
