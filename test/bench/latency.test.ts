import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chance } from "#memory/seeded-chance.ts";
import { meanOf, normalScore, quantileAt } from "../../scripts/bench/kernel/latency.ts";
import { PARAM_ENTRIES, PARAMS, withParam } from "../../scripts/bench/params.ts";

const entries = Object.entries(PARAMS.latencies);

describe("a latency that is fitted to quantiles", () => {
  it.each(entries)("%s has the quantiles that it was given", (_name, quantiles) => {
    const { p10, p50, p90, p99, cap } = quantiles;
    expect(quantileAt(quantiles, 0.1)).toBeCloseTo(p10, 4);
    expect(quantileAt(quantiles, 0.5)).toBeCloseTo(p50, 4);
    expect(quantileAt(quantiles, 0.9)).toBeCloseTo(p90, 4);
    expect(quantileAt(quantiles, 0.99)).toBeCloseTo(p99, 4);
    expect(quantileAt(quantiles, 1)).toBe(cap);
  });

  it.each(entries)("%s has them in 100,000 draws too", (name, quantiles) => {
    const draws = Float64Array.from({ length: 100_000 }, (_, at) =>
      quantileAt(quantiles, chance(1, `${name}#${at}`)),
    );
    draws.sort();
    for (const [share, expected] of [
      [0.1, quantiles.p10],
      [0.5, quantiles.p50],
      [0.9, quantiles.p90],
    ] as const)
      expect(Math.abs((draws[Math.floor(share * draws.length)] ?? NaN) / expected - 1)).toBeLessThan(0.02);
    expect(Math.abs((draws[Math.floor(0.99 * draws.length)] ?? NaN) / quantiles.p99 - 1)).toBeLessThan(0.1);
  });

  it("never falls as the share rises", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...entries), share, share, (entry, a, b) => {
        const [, quantiles] = entry;
        expect(quantileAt(quantiles, Math.min(a, b))).toBeLessThanOrEqual(
          quantileAt(quantiles, Math.max(a, b)),
        );
      }),
    );
  });

  it("has a mean above its median, since its tail is long", () => {
    for (const [, quantiles] of entries) expect(meanOf(quantiles)).toBeGreaterThan(quantiles.p50);
  });
});

describe("the normal score", () => {
  it("is the inverse of the normal distribution at known shares", () => {
    expect(normalScore(0.5)).toBeCloseTo(0, 9);
    expect(normalScore(0.9)).toBeCloseTo(1.2815515655, 8);
    expect(normalScore(0.975)).toBeCloseTo(1.9599639845, 8);
    expect(normalScore(0.001)).toBeCloseTo(-3.0902323062, 7);
  });
});

describe("the parameters", () => {
  it.each([...PARAM_ENTRIES])("%s has a range, a reason, a source and a confidence", (_name, entry) => {
    expect(entry.reason.length).toBeGreaterThan(10);
    expect(entry.source.length).toBeGreaterThan(3);
    expect(["H", "M", "L"]).toContain(entry.confidence);
    if (typeof entry.value !== "number") return;
    const [low = NaN, high = NaN] = entry.range as readonly number[];
    expect(entry.value).toBeGreaterThanOrEqual(low);
    expect(entry.value).toBeLessThanOrEqual(high);
  });

  it("can be changed one at a time, by their names", () => {
    expect(withParam(PARAMS, "cpu.door", 7).cpu).toEqual({ ...PARAMS.cpu, door: 7 });
    expect(() => withParam(PARAMS, "cpu.porch", 7)).toThrow('No parameter is named "cpu.porch".');
  });
});
