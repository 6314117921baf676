import { describe, expect, it } from "vitest";
import { floodAgent } from "#simulator/flood.ts";

const LASTS_MS = 4_000;

describe("an agent that is flooded at twenty times its capacity", () => {
  it("changes neither results nor latency of sessions that do not use it", async () => {
    const { offered, capacity, calm, flooded, otherEnds, violations } = await floodAgent("d", {
      lastsMs: LASTS_MS,
    });
    expect(offered / capacity).toBeCloseTo(20, 0);
    expect(otherEnds).toEqual([]);
    expect(violations).toEqual([]);
    expect(flooded.p95 / calm.p95).toBeLessThanOrEqual(1.05);
  });

  it("would slow down every session without a bulkhead", async () => {
    const { calm, flooded } = await floodAgent("d", { lastsMs: LASTS_MS, bulkhead: false });
    expect(flooded.p95 / calm.p95).toBeGreaterThan(1.5);
  });

  it("is unused by some flow", async () => {
    await expect(floodAgent("inquiry")).rejects.toThrow('Every flow of "support" uses agent "inquiry"');
    await expect(floodAgent("nobody")).rejects.toThrow('No sample flow uses an agent named "nobody"');
  });
});
