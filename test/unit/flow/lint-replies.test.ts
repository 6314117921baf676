import { describe, expect, it } from "vitest";
import { choice, map, parallel, reply, sequence, subFlow } from "#core/flow/build.ts";
import { lintFlows } from "#core/flow/lint.ts";
import type { PlanNode } from "#core/flow/plan.ts";
import { AGENTS, flow, found, safe } from "./sample.ts";

const part = flow(sequence(safe("b"), reply("b")), { name: "part", on: "PartAsked" });
const quiet = flow(safe("b"), { name: "quiet", on: "QuietAsked" });
const between = flow(subFlow("part"), { name: "between", on: "BetweenAsked" });

describe("replies", () => {
  it.each<[string, PlanNode, readonly string[]]>([
    ["after another one", sequence(reply("1"), safe("a"), reply("2")), ["second-reply visit/plan/2"]],
    ["after a sub-flow's", sequence(subFlow("part"), reply("b")), ["second-reply visit/plan/1"]],
    ["in a sub-flow after another one", sequence(reply("1"), subFlow("part")), ["second-reply visit/plan/1"]],
    ["in a sub-flow of a sub-flow", sequence(reply("1"), subFlow("between")), ["second-reply visit/plan/1"]],
    [
      "after an arm that may have replied",
      sequence(
        choice({ when: [{ if: "input.x == 1", then: reply("1") }], otherwise: safe("a") }),
        reply("2"),
      ),
      ["second-reply visit/plan/1"],
    ],
    [
      "in two branches",
      parallel({ branches: { x: reply("1"), y: reply("2") } }),
      ["second-reply visit/plan/y"],
    ],
    [
      "of every item of a map",
      map({ over: "input.list", each: reply("item") }),
      ["second-reply visit/plan/each"],
    ],
  ])("%s are reported", (_what, plan, findings) => {
    expect(found([flow(plan), part, quiet, between])).toEqual(findings);
  });

  it.each<[string, PlanNode]>([
    ["by one reply", sequence(safe("a"), reply("a"), safe("c"))],
    ["by a sub-flow's", sequence(safe("a"), subFlow("part"))],
    ["after a sub-flow that does not reply", sequence(subFlow("quiet"), reply("b"))],
    [
      "in arms of one choice",
      choice({ when: [{ if: "input.x == 1", then: reply("1") }], otherwise: reply("2") }),
    ],
    [
      "in branches of which the first takes the others along",
      parallel({ branches: { x: reply("1"), y: reply("2") }, join: { type: "any" } }),
    ],
  ])("%s once are not reported", (_what, plan) => {
    expect(found([flow(plan), part, quiet, between])).toEqual([]);
  });

  it("cause a warning that names the receiver", () => {
    const [finding] = lintFlows([flow(sequence(subFlow("part"), reply("b"))), part], AGENTS);
    expect(finding).toMatchObject({
      severity: "warning",
      problem: "may come after the reply at plan/0; the caller waits for the first only",
      repair: expect.stringContaining("A sub-flow's reply goes to the caller of the outer run") as string,
    });
  });
});
