import { describe, expect, it } from "vitest";
import { backoffMs, MAX_BACKOFF_MS } from "#core/flow/bounds.ts";
import {
  choice,
  emit,
  fallback,
  human,
  map,
  parallel,
  reply,
  sequence,
  step,
  subFlow,
  transform,
  waitFor,
} from "#core/flow/build.ts";
import { longestLife } from "#core/flow/life.ts";
import type { PlanNode } from "#core/flow/plan.ts";
import { resolvePlan } from "#core/flow/resolve.ts";
import { agent, flow } from "./sample.ts";

const none = { max: 0, backoffMs: 0 };
const AGENTS = [
  agent("quick", { timeoutMs: 1_000, retries: none, onStale: "drop" }),
  agent("rerun", { timeoutMs: 1_000, retries: none }),
  agent("retry", { timeoutMs: 1_000, retries: { max: 3, backoffMs: 100 }, onStale: "drop" }),
  agent("slow-retry", { timeoutMs: 1_000, retries: { max: 2, backoffMs: 600_000 }, onStale: "accept" }),
  agent("act", { timeoutMs: 1_000, retries: { max: 1, backoffMs: 0 }, onStale: "drop", effect: "once" }),
  agent("repeat", {
    timeoutMs: 1_000,
    retries: { max: 1, backoffMs: 0 },
    onStale: "drop",
    effect: "once",
    onDoubt: "repeat",
  }),
];
const specs = new Map(AGENTS.map(({ spec }) => [spec.name as string, spec]));
const PART = flow(waitFor("Paid", { timeoutMs: 50 }), { name: "part" });
const life = (plan: PlanNode): number => longestLife(resolvePlan(plan, specs, new Map([["part", PART]])));
const wait = (timeoutMs: number) => waitFor("Paid", { timeoutMs });

// An attempt of each agent: 1,000 ms of its own and 2,000 ms of grace.
const ATTEMPT = 3_000;

describe("the longest life", () => {
  it.each<[string, PlanNode, number]>([
    ["a task", step("quick"), ATTEMPT],
    ["a task with a timeout of its own", step("quick", { timeoutMs: 5_000 }), 7_000],
    ["a task that runs again when stale", step("rerun"), 4 * ATTEMPT],
    ["a task that the step lets drop stale results", step("rerun", { onStale: "drop" }), ATTEMPT],
    ["retries with doubling pauses, at their longest", step("retry"), 4 * ATTEMPT + 150 + 300 + 600],
    ["pauses of at most 15 minutes", step("slow-retry"), 3 * ATTEMPT + 900_000 + 900_000],
    ["an effect in doubt, once", step("act"), 2 * ATTEMPT + 31_000],
    ["an effect that is repeated when in doubt", step("repeat"), 2 * ATTEMPT + 2 * 31_000],
    [
      "a chain of fallbacks in turn",
      step("quick", {
        fallback: [
          fallback.agent("retry"),
          fallback.lastKnown(),
          fallback.value(1),
          fallback.human({ ask: "?", timeoutMs: 70 }),
          fallback.skip(),
        ],
      }),
      ATTEMPT + (4 * ATTEMPT + 1_050) + 70,
    ],
    ["a sequence", sequence(wait(3), wait(4)), 7],
    ["a sequence with a shorter timeout", sequence({ timeoutMs: 5 }, wait(3), wait(4)), 5],
    ["a sequence with a longer timeout", sequence({ timeoutMs: 50 }, wait(3), wait(4)), 7],
    ["a parallel", parallel({ branches: { x: wait(3), y: wait(4) } }), 4],
    ["a parallel with a timeout", parallel({ branches: { x: wait(3), y: wait(9) }, timeoutMs: 5 }), 5],
    ["a choice, by its default", choice({ when: [{ if: "x", then: wait(3) }], otherwise: wait(4) }), 4],
    ["a choice, by an arm", choice({ when: [{ if: "x", then: wait(5) }], otherwise: wait(4) }), 5],
    ["a map, by batches", map({ over: "x", each: wait(10), maxConcurrent: 3, maxItems: 10 }), 40],
    [
      "a map with a timeout",
      map({ over: "x", each: wait(10), maxConcurrent: 3, maxItems: 10, timeoutMs: 15 }),
      15,
    ],
    ["a person", human({ ask: "?", timeoutMs: 8 }), 8],
    ["a sub-flow", subFlow("part"), 50],
    ["a sub-flow with a timeout", subFlow("part", { timeoutMs: 20 }), 20],
    ["steps that take no time", sequence(transform({ x: "1" }), emit("E", "1"), reply("1")), 0],
  ])("of %s", (_what, plan, ms) => {
    expect(life(plan)).toBe(ms);
  });

  describe("with losers that may finish", () => {
    const branches = { x: wait(10), y: wait(100) };

    it("lasts until they are done, beyond the parallel's own timeout", () => {
      expect(life(parallel({ branches, losers: "finish", timeoutMs: 20, onTimeout: "partial" }))).toBe(100);
      expect(life(parallel({ branches, losers: "finish", timeoutMs: 20, join: { type: "any" } }))).toBe(100);
      expect(life(parallel({ branches, losers: "cancel", timeoutMs: 20, onTimeout: "partial" }))).toBe(20);
      expect(life(parallel({ branches, losers: "finish", timeoutMs: 20, onTimeout: "fail" }))).toBe(20);
    });

    it("lets the next steps run at the same time", () => {
      const race = parallel({ branches, losers: "finish", timeoutMs: 20, onTimeout: "partial" });
      expect(life(sequence(race, wait(30)))).toBe(100);
      expect(life(sequence(wait(7), race, wait(200)))).toBe(227);
    });
  });

  it("rejects a sub-flow that is not compiled", () => {
    expect(() => longestLife({ kind: "flow", flow: "part" })).toThrow(
      expect.objectContaining({ code: "flow.invalid" }),
    );
  });
});

describe("the pause before a retry", () => {
  const retries = { max: 10, backoffMs: 1_000 };

  it("doubles with each attempt and has random jitter", () => {
    expect([1, 2, 3].map((attempt) => backoffMs(retries, attempt, 0.5))).toEqual([1_000, 2_000, 4_000]);
    expect(backoffMs(retries, 2, 0)).toBe(1_000);
    expect(backoffMs(retries, 2, 0.999)).toBe(2_998);
  });

  it("is 15 minutes at most", () => {
    expect(backoffMs(retries, 11, 0)).toBe(512_000);
    expect(backoffMs(retries, 11, 0.9)).toBe(MAX_BACKOFF_MS);
  });
});
