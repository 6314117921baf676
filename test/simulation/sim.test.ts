import { describe, expect, it } from "vitest";
import { Chaos } from "#simulator/chaos.ts";
import { formatTrace, seedCommand, Tally } from "#simulator/report.ts";
import { runSeed } from "#simulator/run-seed.ts";
import { shrink } from "#simulator/shrink.ts";

/** CI runs thousands, by the command, and holds them to the floors of what must have been tried. */
const SEEDS = 80;

describe("the simulator", () => {
  it("keeps every promise under every kind of fault", { timeout: 240_000 }, async () => {
    const tally = new Tally();
    for (let seed = 0; seed < SEEDS; seed++) {
      const result = await runSeed(seed);
      const shrunk = await shrink(result);
      expect(shrunk && formatTrace(shrunk, seedCommand(seed, undefined))).toBeUndefined();
      tally.add(result);
    }
    const summary = tally.summary(1);
    const { compared, sessions, inputs, events } = summary;
    expect(inputs / sessions).toBeGreaterThanOrEqual(5);
    expect(events / sessions).toBeGreaterThanOrEqual(20);
    expect(compared).toBeGreaterThan(sessions / 10);
  });

  it("runs a seed the same way each time", async () => {
    const logOf = async (seed: number) =>
      (await runSeed(seed)).histories.map(({ stored }) => stored.map(({ text }) => text));
    for (const seed of [3, 14, 15]) expect(await logOf(seed)).toEqual(await logOf(seed));
  });

  it("lets a planned fault happen only where its site offers it", () => {
    const fault = { site: "message 1", kind: "poisoned", value: 0 } as const;
    const chaos = new Chaos(0, { type: "only", faults: new Map([[fault.site, fault]]) });
    expect(chaos.at("message 1", [])).toBeUndefined();
    expect(chaos.at("message 2", ["poisoned"])).toBeUndefined();
    expect(chaos.at("message 1", ["poisoned"])).toEqual(fault);
    expect(chaos.drawn).toEqual([fault]);
  });
});
