import * as z from "zod";
import { describe, expect, it } from "vitest";
import { defineAgent } from "#core/contract.ts";
import {
  choice,
  defineFlow,
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
import type { FlowDefinition, PlanNode } from "#core/flow/plan.ts";

const greeter = defineAgent({ name: "greeter", reads: ["input"], output: z.object({ text: z.string() }) });
const DAY = 86_400_000;

describe("flows", () => {
  it("need a name, an event and a plan", () => {
    const greeting = defineFlow({ name: "greeting", on: "GreetingAsked", plan: step(greeter) });
    expect(greeting).toEqual({
      name: "greeting",
      on: "GreetingAsked",
      plan: { kind: "task", agent: "greeter", fallback: [] },
    });
  });

  it("are rejected with a list of all invalid names", () => {
    const define = () =>
      defineFlow({ name: "Greeting", on: "greeting asked", together: ["x", "?"], plan: step("a") });
    expect(define).toThrow(
      expect.objectContaining({
        code: "flow.invalid",
        problems: ["name", "on", "together"].map((field) => expect.objectContaining({ field })),
      }),
    );
  });

  it("may be defined without a trigger, for use inside others", () => {
    const part = defineFlow({ name: "part", plan: step(greeter) });
    expect(subFlow(part, { timeoutMs: 5 })).toEqual({ kind: "flow", flow: "part", timeoutMs: 5 });
    expect(subFlow("part")).toEqual({ kind: "flow", flow: "part" });
  });
});

describe("steps", () => {
  it.each<[string, PlanNode, unknown]>([
    [
      "a task with one fallback",
      step("a", { timeoutMs: 5, fallback: fallback.skip() }),
      { kind: "task", agent: "a", timeoutMs: 5, fallback: [{ type: "skip" }] },
    ],
    [
      "a task with a chain",
      step("a", {
        fallback: [
          fallback.agent(greeter),
          fallback.lastKnown(),
          fallback.human({ ask: "Well?" }),
          fallback.value(["x"]),
        ],
      }),
      {
        kind: "task",
        agent: "a",
        fallback: [
          { type: "agent", agent: "greeter" },
          { type: "last-known" },
          { type: "human", ask: "Well?", timeoutMs: DAY },
          { type: "value", value: ["x"] },
        ],
      },
    ],
    ["a sequence", sequence(reply("1"), reply("2")), { kind: "sequence", steps: [reply("1"), reply("2")] }],
    [
      "a sequence with options",
      sequence({ timeoutMs: 5 }, reply("1")),
      { kind: "sequence", timeoutMs: 5, steps: [reply("1")] },
    ],
    ["an empty sequence", sequence(), { kind: "sequence", steps: [] }],
    [
      "a parallel",
      parallel({ branches: { x: reply("1") } }),
      {
        kind: "parallel",
        branches: { x: reply("1") },
        join: { type: "all" },
        losers: "cancel",
        onTimeout: "fail",
      },
    ],
    [
      "a parallel with options",
      parallel({ branches: {}, join: { type: "any" }, losers: "finish", timeoutMs: 5, onTimeout: "partial" }),
      {
        kind: "parallel",
        branches: {},
        join: { type: "any" },
        losers: "finish",
        timeoutMs: 5,
        onTimeout: "partial",
      },
    ],
    [
      "a choice",
      choice({ when: [{ if: "x", then: reply("1") }], otherwise: reply("2") }),
      { kind: "choice", when: [{ if: "x", then: reply("1") }], otherwise: reply("2") },
    ],
    [
      "a map",
      map({ over: "input.list", each: reply("item") }),
      { kind: "map", over: "input.list", each: reply("item"), maxConcurrent: 4, maxItems: 100 },
    ],
    [
      "a wait",
      waitFor("Paid", { into: "paid" }),
      { kind: "wait", event: "Paid", into: "paid", timeoutMs: DAY, onTimeout: "fail" },
    ],
    [
      "a person",
      human({ ask: "Well?", onTimeout: "continue" }),
      { kind: "human", ask: "Well?", into: "human", timeoutMs: DAY, onTimeout: "continue" },
    ],
    ["a transform", transform({ "x.y": "1" }), { kind: "transform", set: { "x.y": "1" } }],
    ["an emit", emit("Done", "input"), { kind: "emit", event: "Done", data: "input" }],
    ["a reply", reply("input"), { kind: "reply", body: "input" }],
  ])("produce plain data with defaults filled in: %s", (_what, node, data) => {
    expect(node).toEqual(data);
    expect(JSON.parse(JSON.stringify(node))).toEqual(node);
  });

  it("produce the same flow as JSON does", () => {
    const built = defineFlow({ name: "f", on: "E", plan: sequence(step(greeter), human({ ask: "Well?" })) });
    const read = JSON.parse(JSON.stringify(built)) as FlowDefinition;
    expect(read).toEqual(built);
  });
});
