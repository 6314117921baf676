import { describe, expect, it } from "vitest";
import {
  choice,
  fallback,
  human,
  map,
  parallel,
  sequence,
  subFlow,
  transform,
  waitFor,
} from "#core/flow/build.ts";
import type { PlanNode } from "#core/flow/plan.ts";
import { AGENTS, agent, flow, found, safe } from "./sample.ts";

const branches = (x: PlanNode, y: PlanNode) => flow(parallel({ branches: { x, y } }));

describe("branches that share a slot", () => {
  it("reports one agent in two branches", () => {
    expect(found(branches(safe("a"), sequence(safe("b"), safe("a"))))).toEqual([
      "shared-slot visit/plan/y/1",
    ]);
  });

  it("reports two agents that write one section", () => {
    expect(found(branches(safe("a"), safe("other")), [...AGENTS, agent("other", { writes: "a" })])).toEqual([
      "shared-slot visit/plan/y",
    ]);
  });

  it("reports two paths when one contains the other", () => {
    expect(found(branches(transform({ "offer.price": "1" }), waitFor("Paid", { into: "offer" })))).toEqual([
      "shared-slot visit/plan/y",
    ]);
    expect(found(branches(transform({ "offer.price": "1" }), transform({ "offer.prices": "1" })))).toEqual(
      [],
    );
  });

  it("reports two people who answer into the same section", () => {
    expect(found(branches(human({ ask: "Yes?" }), human({ ask: "No?" })))).toEqual([
      "shared-slot visit/plan/y",
    ]);
  });

  it("treats a fallback as a writer of the slot of the agent that it replaces", () => {
    expect(found(branches(safe("a"), safe("b", { fallback: fallback.agent("a") })))).toEqual([]);
  });

  it("lets the arms of a choice share a slot, because only one of them runs", () => {
    expect(found(flow(choice({ when: [{ if: "input.x", then: safe("a") }], otherwise: safe("a") })))).toEqual(
      [],
    );
  });

  it("checks inside sub-flows, and reports at the step that uses them", () => {
    const { on: _on, ...part } = flow(sequence(safe("b"), safe("a")), { name: "part" });
    expect(found([branches(safe("a"), subFlow("part")), part])).toEqual(["shared-slot visit/plan/y"]);
  });

  it("reports a conflict inside a sub-flow once, where it is defined", () => {
    const { on: _on, ...part } = { ...branches(safe("a"), safe("a")), name: "part" };
    expect(found([flow(subFlow("part")), part])).toEqual(["shared-slot part/plan/y"]);
  });
});

describe("branches that may finish after their join", () => {
  const race = (options: Partial<Parameters<typeof parallel>[0]>) =>
    flow(
      sequence(
        parallel({ branches: { x: safe("a"), y: safe("b") }, losers: "finish", ...options }),
        safe("a"),
      ),
    );

  it("may overlap with the steps that follow", () => {
    expect(found(race({ join: { type: "any" } }))).toEqual(["shared-slot visit/plan/1"]);
    expect(found(race({ join: { type: "quorum", n: 1 } }))).toEqual(["shared-slot visit/plan/1"]);
    expect(found(race({ timeoutMs: 1_000, onTimeout: "partial" }))).toEqual(["shared-slot visit/plan/1"]);
  });

  it("do not overlap when the join waits for all, or cancels the losers", () => {
    expect(found(race({}))).toEqual([]);
    expect(found(race({ join: { type: "quorum", n: 2 } }))).toEqual([]);
    expect(found(race({ join: { type: "any" }, losers: "cancel" }))).toEqual([]);
  });
});

describe("items of a map", () => {
  const items = (each: PlanNode, maxConcurrent = 2) => flow(map({ over: "input.list", each, maxConcurrent }));

  it("have a slot each for their agents", () => {
    expect(found(items(sequence(safe("a"), safe("b"))))).toEqual([]);
  });

  it("share the sections that a transform, a wait or a person writes", () => {
    const each = sequence(
      transform({ total: "1" }),
      waitFor("Paid", { into: "paid" }),
      human({ ask: "Well?" }),
    );
    expect(found(items(each))).toEqual([
      "shared-slot visit/plan/each/0",
      "shared-slot visit/plan/each/1",
      "shared-slot visit/plan/each/2",
      "shared-event visit/plan/each/1",
    ]);
    expect(found(items(each, 1))).toEqual([]);
  });

  it("conflict with the items of another map over the same agent", () => {
    const over = (list: string) => map({ over: list, each: safe("a") });
    expect(found(branches(over("input.x"), over("input.y")))).toEqual(["shared-slot visit/plan/y/each"]);
  });
});

describe("flows that may run together", () => {
  const pair = (onBusy: "parallel" | "pre-empt" | "queue", agentOfOther = "a") => [
    flow(sequence(safe("b"), safe("a"))),
    flow(safe(agentOfOther), { name: "urgent", on: "Urgent", onBusy }),
  ];

  it("must not share a section when one is parallel", () => {
    expect(found(pair("parallel"))).toEqual(["shared-slot urgent/plan"]);
    expect(found(pair("parallel", "c"))).toEqual([]);
  });

  it("may share one when they wait for each other or are suspended", () => {
    expect(found(pair("queue"))).toEqual([]);
    expect(found(pair("pre-empt"))).toEqual([]);
  });

  it("reports two parallel flows once, and no flow with itself", () => {
    const parallelFlows = pair("parallel").map((one) => ({ ...one, onBusy: "parallel" as const }));
    expect(found(parallelFlows)).toEqual(["shared-slot visit/plan/1"]);
    expect(found(parallelFlows.slice(0, 1))).toEqual([]);
  });
});

describe("stale races", () => {
  const agents = [agent("writer"), agent("reader", { reads: ["input", "writer.text"] })];

  it("cause a warning when a branch reads what another one writes", () => {
    expect(found(branches(safe("writer"), safe("reader")), agents)).toEqual(["stale-race visit/plan/y"]);
    expect(found(branches(safe("reader"), safe("writer")), agents)).toEqual(["stale-race visit/plan/x"]);
  });

  it("cause no warning for an agent that accepts stale results", () => {
    expect(found(branches(safe("writer"), safe("reader", { onStale: "accept" })), agents)).toEqual([]);
  });

  it("include the reads of a fallback agent", () => {
    const third = agent("third");
    const reader = safe("third", { fallback: fallback.agent("reader") });
    expect(found(branches(safe("writer"), reader), [...agents, third])).toEqual(["stale-race visit/plan/y"]);
  });

  it("include a kept section when runs are parallel", () => {
    const memory = agent("memory", { keeps: true });
    const agents = [...AGENTS, memory];
    expect(found(flow(safe("memory"), { onBusy: "parallel" }), agents)).toEqual(["shared-slot visit/plan"]);
    expect(found(flow(safe("memory"), { onBusy: "queue" }), agents)).toEqual([]);
  });
});
