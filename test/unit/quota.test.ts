import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { draw, LEASE_MS, leaseOf, quotaProblem, takeToken, wantedTokens, type Lease } from "#core/quota.ts";

const RULE = { perSecond: 10, burst: 20 };
const NOW = 1_800_000_000_000;

describe("a bucket of tokens", () => {
  it("gives the tokens it holds, and is full again after the refill time", () => {
    expect(draw(RULE, 0, 5, NOW)).toEqual({ type: "granted", tokens: 5, fullAt: NOW + 500 });
    expect(draw(RULE, NOW + 1_500, 9, NOW)).toEqual({ type: "granted", tokens: 5, fullAt: NOW + 2_000 });
  });

  it("gives nothing when it is empty, and returns the time of the next token", () => {
    expect(draw(RULE, NOW + 2_000, 1, NOW)).toEqual({ type: "over", retryAt: NOW + 100 });
    expect(draw(RULE, NOW + 2_000, 1, NOW + 99)).toEqual({ type: "over", retryAt: NOW + 100 });
    expect(draw(RULE, NOW + 2_000, 1, NOW + 100)).toMatchObject({ type: "granted", tokens: 1 });
  });
});

describe("a rule", () => {
  it.each([
    [{ perSecond: 0, burst: 1 }, /perSecond 0/],
    [{ perSecond: 10_001, burst: 1 }, /at most 10000/],
    [{ perSecond: NaN, burst: 1 }, /perSecond/],
    [{ perSecond: 1, burst: 0 }, /burst 0/],
    [{ perSecond: 1, burst: 1.5 }, /whole number/],
  ])("%j is rejected with the reason", (rule, problem) => {
    const { problem: what, repair } = quotaProblem(rule) ?? {};
    expect(`${what}. ${repair}`).toMatch(problem);
  });

  it("may be slower than one event per second", () => {
    expect(quotaProblem({ perSecond: 0.1, burst: 1 })).toBeUndefined();
  });
});

describe("a lease", () => {
  it("gives its tokens one by one until its end, and none after", () => {
    const lease = leaseOf(2, NOW);
    const once = takeToken(lease, NOW);
    expect(takeToken(once, NOW)).toMatchObject({ left: 0 });
    expect(takeToken(takeToken(once, NOW), NOW)).toBeUndefined();
    expect(takeToken(lease, NOW + LEASE_MS)).toBeUndefined();
    expect(takeToken(undefined, NOW)).toBeUndefined();
  });

  it("doubles while it is used up in time, up to a quarter of rate or burst", () => {
    const fast = { perSecond: 100, burst: 1_000 };
    const used = (drawn: number): Lease => ({ drawn, left: 0, endsAt: NOW + 1 });
    expect([undefined, used(1), used(2), used(16)].map((lease) => wantedTokens(fast, lease, NOW))).toEqual([
      1, 2, 4, 25,
    ]);
    expect(wantedTokens({ perSecond: 100, burst: 8 }, used(16), NOW)).toBe(2);
    expect(wantedTokens({ perSecond: 1, burst: 1 }, used(1), NOW)).toBe(1);
  });

  it("shrinks to the used amount when it expires", () => {
    expect(wantedTokens(RULE, { drawn: 2, left: 2, endsAt: NOW }, NOW)).toBe(1);
    expect(wantedTokens({ perSecond: 100, burst: 100 }, { drawn: 16, left: 7, endsAt: NOW }, NOW)).toBe(9);
  });
});

interface World {
  readonly fullAt: number;
  readonly leases: readonly (Lease | undefined)[];
}

/** One event of one process: its lease gives a token, or it draws anew. */
function step(rule: typeof RULE, world: World, at: number, process: number): World | undefined {
  const { fullAt, leases } = world;
  const lease = takeToken(leases[process], at);
  if (lease !== undefined) return { fullAt, leases: leases.with(process, lease) };
  const drawn = draw(rule, fullAt, wantedTokens(rule, leases[process], at), at);
  if (drawn.type === "over") return undefined;
  return {
    fullAt: drawn.fullAt,
    leases: leases.with(process, takeToken(leaseOf(drawn.tokens, at), at)),
  };
}

describe("processes that lease from one bucket", () => {
  it("never grant more in any period than the burst, the period's rate and one lease", () => {
    const processes = 16;
    const rules = fc.record({
      perSecond: fc.double({ min: 1, max: 64, noNaN: true }),
      burst: fc.integer({ min: 1, max: 64 }),
    });
    // Rushes with pauses between them: that is how tokens drawn ahead pile up.
    const rushes = fc.array(
      fc.record({ pauseMs: fc.integer({ min: 0, max: 3_000 }), rounds: fc.integer({ min: 1, max: 8 }) }),
      { minLength: 2, maxLength: 6 },
    );
    fc.assert(
      fc.property(rules, rushes, (rule, given) => {
        const passed: number[] = [];
        let world: World = { fullAt: 0, leases: Array.from({ length: processes }, () => undefined) };
        let at = NOW;
        for (const { pauseMs, rounds } of given) {
          at += pauseMs;
          for (let event = 0; event < rounds * processes; event += 1) {
            const next = step(rule, world, at, event % processes);
            if (next === undefined) continue;
            world = next;
            passed.push(at);
          }
        }
        const over = passed.flatMap((from, first) =>
          passed.flatMap((to, last) => {
            const most = rule.burst + (rule.perSecond * (to - from + LEASE_MS)) / 1_000;
            return last >= first && last - first + 1 > most + 0.01 ? [{ from, to, most }] : [];
          }),
        );
        expect(over).toEqual([]);
      }),
    );
  });
});
