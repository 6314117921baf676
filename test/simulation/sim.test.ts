import { describe, expect, it } from "vitest";
import { FAULT_KINDS } from "#testing/simulator/chaos.ts";
import { formatTrace, seedCommand, Tally } from "#testing/simulator/report.ts";
import { runSeed } from "#testing/simulator/run-seed.ts";
import { shrink } from "#testing/simulator/shrink.ts";

const SEEDS = 300;

describe("the simulator", () => {
  it("finds every promise kept under every kind of fault", async () => {
    const tally = new Tally();
    for (let seed = 0; seed < SEEDS; seed++) {
      const result = await runSeed(seed);
      const shrunk = await shrink(result);
      expect(shrunk && formatTrace(shrunk, seedCommand(seed, undefined))).toBeUndefined();
      tally.add(result);
    }
    const { faults, compared, sessions, inputs, events } = tally.summary(1);
    expect(FAULT_KINDS.filter((kind) => (faults[kind] ?? 0) === 0)).toEqual([]);
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
