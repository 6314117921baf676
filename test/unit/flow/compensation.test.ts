import { describe, expect, it } from "vitest";
import { fallback, map, parallel, sequence, step } from "#core/flow/build.ts";
import { drawFlow } from "#core/flow/draw.ts";
import { compensationLife } from "#core/flow/life.ts";
import { lintFlows, LintRule } from "#core/flow/lint.ts";
import type { FlowDefinition, PlanNode } from "#core/flow/plan.ts";
import { agent, applicationOf, flowOf } from "../session/sample.ts";

const AGENTS = [
  agent("a", { effect: "once", timeoutMs: 10_000 }),
  agent("b"),
  agent("undo-a", { reads: ["undo"], timeoutMs: 5_000 }),
  agent("undo-item", { reads: ["undo", "item"] }),
];
const undone = step("a", { compensate: step("undo-a") });

const findings = (plan: PlanNode, ...others: readonly FlowDefinition[]) =>
  lintFlows([flowOf(plan), ...others], AGENTS)
    .filter(({ severity }) => severity === "error")
    .map(({ rule, place }) => `${rule} ${place}`);

describe("a compensation", () => {
  it("is one task and cannot have a compensation itself", () => {
    // Flows may come from JSON.
    const group = sequence(step("b")) as unknown as ReturnType<typeof step>;
    expect(findings(step("a", { compensate: group }))).toEqual([`${LintRule.badShape} plan/compensate`]);
    expect(findings(step("a", { compensate: undone }))).toEqual([`${LintRule.badShape} plan/compensate`]);
  });

  it("names existing agents, and may be the same for parallel steps", () => {
    expect(findings(step("a", { compensate: step("nobody") }))).toEqual([
      `${LintRule.unknownAgent} plan/compensate`,
    ]);
    expect(
      findings(parallel({ branches: { x: undone, y: step("b", { compensate: step("undo-a") }) } })),
    ).toEqual([]);
  });

  it("shares no section with a flow that may run at the same time", () => {
    const beside = flowOf(step("undo-a"), { name: "beside", on: "Other", onBusy: "parallel" });
    expect(findings(undone, beside)).toContain(`${LintRule.sharedSlot} plan`);
  });

  it("alone may read `undo`, and cannot read the item of a finished map", () => {
    expect(findings(step("undo-a"))).toEqual([`${LintRule.unwrittenPath} plan`]);
    const each = step("a", { compensate: step("undo-item") });
    expect(findings(map({ over: "input.list", each }))).toEqual([
      `${LintRule.unwrittenPath} plan/each/compensate`,
    ]);
  });

  it("causes a warning when it has no fallback", () => {
    const warnings = (plan: PlanNode) =>
      lintFlows([flowOf(plan)], AGENTS).map(({ rule, place }) => `${rule} ${place}`);
    expect(warnings(undone)).toContain(`${LintRule.noFallback} plan/compensate`);
    const asked = step("undo-a", { fallback: fallback.human({ ask: "Please undo it" }) });
    expect(warnings(step("a", { compensate: asked }))).not.toContain(
      `${LintRule.noFallback} plan/compensate`,
    );
  });

  it("adds the time of all compensations and of a claim to the longest life", () => {
    const lifeOf = (plan: PlanNode) =>
      compensationLife(
        applicationOf([flowOf(plan)], AGENTS).flows[0]?.flow.plan ?? { kind: "sequence", steps: [] },
      );
    // One claim is waited for (10 + 30 s); each compensation may be stale three times (4 x 7 s).
    expect(lifeOf(undone)).toBe(40_000 + 28_000);
    expect(lifeOf(map({ over: "input.list", maxItems: 3, each: undone }))).toBe(40_000 + 3 * 28_000);
    expect(lifeOf(step("a"))).toBe(0);
  });

  it("is drawn below its step", () => {
    expect(drawFlow(flowOf(undone))).toContain("task a\n    to undo it: task undo-a");
  });
});
