import { describe, expect, it } from "vitest";
import type { CompiledFlow } from "#core/flow/plan.ts";
import { flowGraph } from "#console/model/flow-graph.ts";
import { drawnLabel, layoutOf } from "#console/model/graph-layout.ts";
import { litGraph } from "#console/model/lit-graph.ts";
import { outlines } from "./support/outlines.ts";

const task = (name: string, fallback: readonly object[] = []) => ({
  kind: "task",
  agent: { name },
  fallback,
});
const flow = {
  name: "visit",
  on: "Asked",
  plan: {
    kind: "sequence",
    steps: [
      task("triage", [{ type: "agent", agent: { name: "second" } }, { type: "skip" }]),
      {
        kind: "choice",
        when: [{ if: "triage.topic == 'x'", then: task("a") }],
        otherwise: {
          kind: "parallel",
          branches: { l: task("b"), r: task("c") },
          join: { type: "any" },
          losers: "cancel",
          onTimeout: "fail",
        },
      },
      { kind: "map", over: "list", maxConcurrent: 2, maxItems: 5, each: task("d") },
      { kind: "reply", body: "a" },
    ],
  },
} as unknown as CompiledFlow;
const graph = flowGraph(flow);
const ways = graph.edges.map(({ from, to, kind }) => `${from} ${kind} ${to}`);

describe("a flow's graph", () => {
  it("has every step, and what leads to what", () => {
    expect(ways).toEqual([
      "start next plan/0",
      "plan/0 fallback plan/0#0",
      "plan/0#0 fallback plan/0#1",
      "plan/0 next plan/1",
      "plan/0#0 next plan/1",
      "plan/0#1 next plan/1",
      "plan/1 branch plan/1/when/0",
      "plan/1 branch plan/1/otherwise",
      "plan/1/otherwise next plan/1/otherwise/l",
      "plan/1/otherwise next plan/1/otherwise/r",
      "plan/1/otherwise/l next plan/1/otherwise#join",
      "plan/1/otherwise/r next plan/1/otherwise#join",
      "plan/1/when/0 next plan/2",
      "plan/1/otherwise#join next plan/2",
      "plan/2 next plan/2/each",
      "plan/2/each next plan/3",
      "plan/3 next end",
    ]);
  });

  it("is laid out from top to bottom, without two steps in one spot", async () => {
    const { nodes, edges, width, height } = await layoutOf(graph);
    expect(nodes).toHaveLength(graph.nodes.length);
    expect(edges.every(({ points }) => points.length > 1)).toBe(true);
    expect(nodes[0]?.y).toBeLessThan(nodes.at(-1)?.y ?? 0);
    expect(nodes.every(({ x, y }) => x > 0 && x < width && y > 0 && y < height)).toBe(true);
    expect(new Set(nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(nodes.length);
  });

  it("cuts long labels where they are drawn", () => {
    expect(drawnLabel("x".repeat(90))).toHaveLength(30);
  });
});

describe("a run's graph", () => {
  const events = outlines(
    { type: "RunStarted", run: "r" },
    { type: "TaskCreated", run: "r", step: "plan/0", task: "t", agent: "triage" },
    { type: "AttemptDispatched", task: "t", attempt: 1 },
    { type: "AttemptFailed", task: "t", attempt: 1 },
    { type: "AttemptDispatched", task: "t", attempt: 2 },
    { type: "FallbackTaken", task: "t", link: 1 },
    { type: "TaskSkipped", task: "t" },
    { type: "ChoiceMade", run: "r", step: "plan/1", branch: "when/0" },
    { type: "TaskCreated", run: "other", step: "plan/2/each[1]", task: "o" },
    { type: "MapStarted", run: "r", step: "plan/2" },
    { type: "TaskCreated", run: "r", step: "plan/2/each[0]", task: "d0" },
    { type: "TaskCreated", run: "r", step: "plan/2/each[1]", task: "d1" },
    { type: "TaskFailed", run: "r", task: "d1" },
  );
  const lit = litGraph(graph, events, "r", events.length);
  const edge = (from: string, to: string) =>
    lit.edges.get(graph.edges.find((one) => one.from === from && one.to === to)!);

  it("lights what was reached, with its retries, fallbacks and items", () => {
    expect(lit.steps.get("plan/0")).toMatchObject({ light: "done", attempts: 2 });
    expect(lit.steps.get("plan/0#1")).toMatchObject({ light: "done" });
    expect(lit.steps.has("plan/0#0")).toBe(false);
    expect(lit.steps.get("plan/2/each")).toMatchObject({ light: "failed", items: 2 });
    expect(lit.steps.has("plan/3")).toBe(false);
  });

  it("tells branches taken from those not taken", () => {
    expect(edge("plan/1", "plan/1/when/0")).toBe("taken");
    expect(edge("plan/1", "plan/1/otherwise")).toBe("not-taken");
    expect(edge("plan/3", "end")).toBe("open");
  });

  it("shows no more than had happened by a moment", () => {
    const early = litGraph(graph, events, "r", 3);
    expect(early.steps.get("plan/0")).toMatchObject({ light: "open", attempts: 1 });
    expect(early.steps.has("plan/1")).toBe(false);
  });

  it("of a fork begins with what its origin had come to", () => {
    const steps = [
      { step: "plan/0", status: "done" },
      { step: "plan/1", status: "open", branch: "otherwise" },
      { step: "plan/1/otherwise", status: "open" },
      { step: "plan/1/otherwise/l", status: "failed" },
    ];
    const forked = {
      ...{ origin: "a", at: 9 },
      runs: [{ run: "r", name: "visit", flow: "h", steps }],
      tasks: [{ task: "c", run: "r", step: "plan/1/otherwise/r", agent: "c" }],
    };
    const fork = outlines({ type: "SessionForked", forked }, { type: "OutcomeReused", task: "c", from: 8 });
    const lights = (at: number) => {
      const { steps: found, edges } = litGraph(graph, fork, "r", at);
      const of = (from: string, to: string) =>
        edges.get(graph.edges.find((one) => one.from === from && one.to === to)!);
      return {
        lit: [...found].map(([id, { light, attempts }]) => `${id} ${light} ${attempts}`),
        ways: [of("plan/1", "plan/1/when/0"), of("plan/1", "plan/1/otherwise"), of("start", "plan/0")],
      };
    };
    const before = [
      ...["start done 0", "plan/0 done 0", "plan/1 done 0", "plan/1/otherwise open 0"],
      "plan/1/otherwise/l failed 0",
    ];
    expect(lights(1)).toEqual({ lit: before, ways: ["not-taken", "taken", "taken"] });
    expect(lights(2).lit).toEqual([...before, "plan/1/otherwise/r done 0"]);
  });
});
