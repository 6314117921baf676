import { describe, expect, it } from "vitest";
import { belowFloor } from "#testing/simulator/coverage.ts";
import { formatTrace, seedCommand, Tally } from "#testing/simulator/report.ts";
import { runSeed } from "#testing/simulator/run-seed.ts";
import { shrink } from "#testing/simulator/shrink.ts";

const SEEDS = 500;

describe("the simulator", () => {
  it("finds every promise kept under every kind of fault", async () => {
    const tally = new Tally();
    for (let seed = 0; seed < SEEDS; seed++) {
      const result = await runSeed(seed);
      const shrunk = await shrink(result);
      expect(shrunk && formatTrace(shrunk, seedCommand(seed, undefined))).toBeUndefined();
      tally.add(result);
    }
    const summary = tally.summary(1);
    const { compared, sessions, inputs, events } = summary;
    expect(belowFloor(summary)).toEqual([]);
    expect(inputs / sessions).toBeGreaterThanOrEqual(5);
    expect(events / sessions).toBeGreaterThanOrEqual(20);
    expect(compared).toBeGreaterThan(sessions / 10);
  });

  it("runs a seed the same way each time", async () => {
    const logOf = async (seed: number) =>
      (await runSeed(seed)).histories.map(({ stored }) => stored.map(({ text }) => text));
    for (const seed of [3, 14, 15]) expect(await logOf(seed)).toEqual(await logOf(seed));
  });
});
