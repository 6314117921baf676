import { describe, expect, it } from "vitest";
import { sequence, subFlow } from "#core/flow/build.ts";
import { lintFlows } from "#core/flow/lint.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import { AGENTS, flow, found, safe } from "./sample.ts";

describe("flows read from JSON", () => {
  it("reports a step of unknown kind and lists the known kinds", () => {
    const definition = flow({ kind: "sequence", steps: [safe("a"), { kind: "loop" }] });
    expect(found(definition)).toEqual(["unknown-kind visit/plan/1"]);
    expect(lintFlows([definition], AGENTS)[0]?.repair).toContain("parallel");
  });

  it.each<[string, unknown, string]>([
    ["a task without an agent", { kind: "task", fallback: [] }, "plan/agent"],
    ["a task without a list of fallbacks", { kind: "task", agent: "a" }, "plan/fallback"],
    [
      "a fallback of no known type",
      { kind: "task", agent: "a", fallback: [{ type: "x" }] },
      "plan/fallback/0",
    ],
    ["a fallback that is null", { kind: "task", agent: "a", fallback: [null] }, "plan/fallback/0"],
    [
      "a fallback value that is missing",
      { kind: "task", agent: "a", fallback: [{ type: "value" }] },
      "plan/fallback/0/value",
    ],
    [
      "a fallback value that is no JSON",
      { kind: "task", agent: "a", fallback: [{ type: "value", value: { ask: () => 1 } }] },
      "plan/fallback/0/value.ask",
    ],
    ["an unknown onStale", { ...safe("a"), onStale: "ask" }, "plan/onStale"],
    ["steps that are no list", { kind: "sequence", steps: {} }, "plan/steps"],
    [
      "a join of no known type",
      {
        kind: "parallel",
        branches: { x: safe("a") },
        join: { type: "most" },
        losers: "cancel",
        onTimeout: "fail",
      },
      "plan/join",
    ],
    [
      "a branch whose name has a slash",
      {
        kind: "parallel",
        branches: { "x/y": safe("a") },
        join: { type: "all" },
        losers: "cancel",
        onTimeout: "fail",
      },
      "plan/x/y",
    ],
    [
      "an empty condition",
      { kind: "choice", when: [{ if: " ", then: safe("a") }], otherwise: safe("b") },
      "plan/when/0/if",
    ],
    ["an arm that is no object", { kind: "choice", when: ["x"], otherwise: safe("b") }, "plan/when/0"],
    ["a map over nothing", { kind: "map", each: safe("a"), maxConcurrent: 1, maxItems: 1 }, "plan/over"],
    ["an event type with a space", { kind: "emit", event: "Visit Asked", data: "input" }, "plan/event"],
    ["a path with a dot at its end", { kind: "transform", set: { "offer.": "1" } }, "plan/set/offer."],
    [
      "a path to a prototype",
      { kind: "transform", set: { "offer.__proto__": "1" } },
      "plan/set/offer.__proto__",
    ],
    ["an assignment that is no text", { kind: "transform", set: { offer: 1 } }, "plan/set/offer"],
    [
      "a section with a dot",
      { kind: "human", ask: "?", into: "a.b", timeoutMs: 1, onTimeout: "fail" },
      "plan/into",
    ],
  ])("reports the place of %s", (_what, plan, place) => {
    expect(found(flow(plan))).toEqual([`bad-shape visit/${place}`]);
  });

  it("reports problems of the definition itself", () => {
    const definitions = [null, { name: "Visit", on: 7, onBusy: "wait", together: "x" }];
    expect(found(definitions as unknown as FlowDefinition[])).toEqual([
      "bad-shape #0/definition",
      "bad-shape Visit/name",
      "bad-shape Visit/on",
      "bad-shape Visit/onBusy",
      "bad-shape Visit/together",
      "bad-shape Visit/plan",
    ]);
  });

  it("rejects a trigger's condition without a trigger", () => {
    const { on: _on, ...untriggered } = flow(safe("a"), { name: "part", if: "true" });
    expect(found([flow(subFlow("part")), untriggered])).toEqual(["bad-shape part/if"]);
  });

  it("requires a default for every choice", () => {
    expect(found(flow({ kind: "choice", when: [{ if: "input.x", then: safe("a") }] }))).toEqual([
      "choice-without-default visit/plan",
    ]);
  });
});

describe("size", () => {
  const nested = (levels: number): unknown =>
    levels === 0 ? safe("a") : { kind: "sequence", steps: [nested(levels - 1)] };

  it("allows 32 levels and rejects 33", () => {
    expect(found(flow(nested(31)))).toEqual([]);
    expect(found(flow(nested(32)))).toEqual([`too-deep visit/plan${"/0".repeat(32)}`]);
  });

  it("does not overflow on a plan nested 100,000 times", () => {
    let plan: unknown = safe("a");
    for (let i = 0; i < 100_000; i++) plan = { kind: "sequence", steps: [plan] };
    expect(found(flow(plan))).toEqual([`too-deep visit/plan${"/0".repeat(32)}`]);
  });

  it("allows 500 steps and rejects 501, once", () => {
    const steps = (count: number) => flow(sequence(...Array.from({ length: count - 1 }, () => safe("a"))));
    expect(found(steps(500))).toEqual([]);
    expect(found(steps(502))).toEqual(["too-large visit/plan/499"]);
  });

  it("counts the steps of sub-flows, however often they double", () => {
    const part = (i: number) =>
      flow(sequence(subFlow(`f${i + 1}`), subFlow(`f${i + 1}`)), { name: `f${i}`, on: `E${i}` });
    const flows = [
      ...Array.from({ length: 40 }, (_, i) => part(i)),
      flow(safe("a"), { name: "f40", on: "E40" }),
    ];
    const findings = found(flows);
    expect(findings).toContain("too-large f0/plan");
    expect(findings).toContain("too-deep f0/plan");
    expect(findings).not.toContain("too-large f39/plan");
  });
});
