import { describe, expect, it } from "vitest";
import { choice, emit, fallback, reply, sequence, subFlow } from "#core/flow/build.ts";
import { lintFlows } from "#core/flow/lint.ts";
import { AGENTS, agent, flow, found, safe } from "./sample.ts";

describe("names", () => {
  it("reports agents that do not exist, in steps and in fallbacks", () => {
    const plan = sequence(safe("nobody"), safe("a", { fallback: [fallback.skip(), fallback.agent("none")] }));
    expect(found(flow(plan))).toEqual([
      "unknown-agent visit/plan/0",
      "unknown-agent visit/plan/1/fallback/1",
    ]);
  });

  it("reports flows that do not exist, as steps and as companions", () => {
    expect(found(flow(sequence(safe("a"), subFlow("gone")), { together: ["nowhere"] }))).toEqual([
      "unknown-flow visit/plan/1",
      "unknown-flow visit/together",
    ]);
  });

  it("does not report a malformed flow as unknown", () => {
    expect(found([flow(subFlow("broken")), flow({ kind: "x" }, { name: "broken" })])).toEqual([
      "unknown-kind broken/plan",
    ]);
  });

  it("reports the second flow of a name, and the second contract", () => {
    expect(found([flow(safe("a")), flow(safe("b"), { on: "Other" })])).toEqual(["duplicate-name visit/name"]);
    expect(found(flow(safe("a")), [agent("a"), agent("a")])).toEqual(["duplicate-name application/agents/1"]);
  });

  it("reports a flow without a trigger that no flow uses", () => {
    const { on: _on, ...part } = flow(safe("b"), { name: "part" });
    expect(found([flow(safe("a")), part])).toEqual(["unreachable-branch part/on"]);
    expect(found([flow(subFlow("part")), part])).toEqual([]);
  });
});

describe("triggers", () => {
  const pair = (one: readonly string[], other: readonly string[]) => [
    flow(safe("a"), { together: one }),
    flow(safe("b"), { name: "billing", together: other }),
  ];

  it("reports two flows on one event type unless each names the other", () => {
    expect(found(pair([], []))).toEqual(["ambiguous-trigger billing/on"]);
    expect(found(pair(["billing"], []))).toEqual(["ambiguous-trigger billing/on"]);
    expect(found(pair(["billing"], ["visit"]))).toEqual([]);
  });
});

describe("loops", () => {
  it("reports sub-flows that contain themselves, with the cycle", () => {
    const flows = [
      flow(sequence(safe("a"), subFlow("other"))),
      flow(subFlow("visit"), { name: "other", on: "Other" }),
    ];
    const findings = lintFlows(flows, AGENTS);
    expect(findings.map(({ rule, flow: name, place }) => [rule, name, place])).toEqual([
      ["unbounded-loop", "visit", "plan/1"],
      ["unbounded-loop", "other", "plan"],
    ]);
    expect(findings[0]?.problem).toContain("visit → other → visit");
  });

  const ping = flow(sequence(safe("a"), emit("Pong", "input")), { name: "ping", on: "Ping" });
  const pong = flow(emit("Ping", "input"), { name: "pong", on: "Pong" });
  const loops = (...flows: Parameters<typeof lintFlows>[0]) =>
    lintFlows(flows, AGENTS).map(({ rule, severity, place }) => `${severity} ${rule} ${place}`);

  it("reports flows that start each other without a condition, once", () => {
    expect(loops(ping, pong)).toEqual(["error unbounded-loop plan/1"]);
  });

  it("reports a flow that starts itself through a sub-flow", () => {
    const { on: _on, ...part } = pong;
    expect(loops({ ...flow(subFlow("pong")), on: "Ping" }, part)).toEqual(["error unbounded-loop plan/plan"]);
  });

  it("only warns when a trigger's condition is in the loop", () => {
    expect(loops(ping, { ...pong, if: "event.left > 0" })).toEqual(["warning unbounded-loop plan/1"]);
  });

  it("only warns when a choice decides about the emit", () => {
    const plan = choice({
      when: [{ if: "input.left > 0", then: emit("Ping", "input") }],
      otherwise: reply("input"),
    });
    expect(loops(ping, { ...pong, plan })).toEqual(["warning unbounded-loop plan/1"]);
  });
});
