import { expect, it } from "vitest";
import {
  choice,
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
  emit,
} from "#core/flow/build.ts";
import { defineApplication } from "#core/flow/compile.ts";
import { drawFlow } from "#core/flow/draw.ts";
import type { Join } from "#core/flow/plan.ts";
import { AGENTS, digest, flow, safe } from "./sample.ts";

it("draws a flow, one line per step", () => {
  const plan = sequence(
    step("a", {
      timeoutMs: 1_500,
      fallback: [fallback.agent("b"), fallback.human({ ask: "Well?" }), fallback.value({ x: 1 })],
    }),
    choice({
      when: [{ if: "input.x", then: human({ ask: "Sure?" }) }],
      otherwise: transform({ "offer.x": "1", y: "2" }),
    }),
    parallel({
      branches: {
        book: sequence(safe("b"), subFlow("part")),
        paid: waitFor("Paid", { if: "event.ok", into: "paid", timeoutMs: 90_000, onTimeout: "continue" }),
      },
      join: { type: "quorum", n: 1 },
      losers: "finish",
      timeoutMs: 60_000,
      onTimeout: "partial",
    }),
    map({ over: "input.list", each: emit("Found", "item") }),
    reply("{'a': a}"),
  );
  expect(drawFlow(flow(plan, { if: "event.x", onBusy: "pre-empt", timeoutMs: 7_200_000 }))).toBe(
    `flow visit: on VisitAsked if event.x, when busy pre-empt, at most 2 h
  sequence
    1. task a within 1500 ms, else task b, else ask a person "Well?" within 1 d, else value {"x":1}
    2. choice
      if input.x: ask a person "Sure?" into human within 1 d, then fail
      otherwise: set offer.x = 1; y = 2
    3. parallel, join quorum of 1, losers finish within 1 min, then go on
      book: sequence
        1. task b, else skip
        2. flow part
      paid: wait for Paid if event.ok into paid within 90 s, then continue
    4. map over input.list, 4 at a time, at most 100
      emit Found with item
    5. reply {'a': a}`,
  );
});

it("draws a compiled flow with its sub-flows and its longest life", () => {
  const { on: _on, ...part } = flow(
    safe("a", { timeoutMs: 1_000, retries: { max: 0, backoffMs: 0 }, onStale: "drop" }),
    { name: "part" },
  );
  const [compiled] = defineApplication(
    { agents: AGENTS, flows: [flow(subFlow("part")), part] },
    digest,
  ).flows;
  expect(compiled && drawFlow(compiled.flow)).toBe(
    `flow visit: on VisitAsked, when busy queue, at most 3 s
  flow part
    task a within 1 s, else skip`,
  );
  expect(drawFlow(part)).toMatch(/^flow part: inside other flows, when busy queue\n/);
});

it("draws the condition of each join", () => {
  const joined = (join: Join) =>
    drawFlow(flow(parallel({ branches: { x: safe("a") }, join }))).split("\n")[1];
  expect(joined({ type: "all" })).toBe("  parallel, join all");
  expect(joined({ type: "any" })).toBe("  parallel, join any");
  expect(joined({ type: "best", into: "winner" })).toBe("  parallel, join best into winner");
});
