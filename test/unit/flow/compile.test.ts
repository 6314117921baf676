import * as z from "zod";
import { describe, expect, it } from "vitest";
import { parseAgentName } from "#core/ids.ts";
import {
  human,
  sequence,
  step,
  subFlow,
  transform,
  waitFor,
  defineFlow,
  parallel,
  fallback,
} from "#core/flow/build.ts";
import { defineApplication, hashFlow } from "#core/flow/compile.ts";
import type { CompiledFlow, FlowDefinition } from "#core/flow/plan.ts";
import { childrenOf } from "#core/flow/visit-plan.ts";
import { AGENTS, agent, digest, flow, safe } from "./sample.ts";

const compile = (flows: readonly FlowDefinition[], agents = AGENTS) =>
  defineApplication({ agents, flows }, digest);

describe("an application", () => {
  it("is rejected with all problems of all flows", () => {
    const flows = [flow(sequence(safe("x"), safe("y"))), flow(sequence(), { name: "other", on: "Other" })];
    expect(() => compile(flows)).toThrow(
      expect.objectContaining({
        code: "flow.invalid",
        problems: ["visit/plan/0", "visit/plan/1", "other/plan"].map((field) =>
          expect.objectContaining({ field }),
        ),
      }),
    );
  });

  it("keeps warnings, and still compiles", () => {
    const application = compile([flow(step("a"))]);
    expect(application.warnings.map(({ rule, place }) => [rule, place])).toEqual([["no-fallback", "plan"]]);
    expect(application.flows).toHaveLength(1);
  });

  it("replaces names by contracts and leaves overrides in the step", () => {
    const [a, b] = AGENTS;
    const plan = step("a", { timeoutMs: 7, fallback: fallback.agent("b") });
    expect(compile([flow(plan)]).flows[0]?.flow.plan).toEqual({
      kind: "task",
      agent: a?.spec,
      timeoutMs: 7,
      fallback: [{ type: "agent", agent: b?.spec }],
    });
  });

  it("inlines sub-flows, including nested ones", () => {
    const inner = defineFlow({ name: "inner", plan: transform({ x: "1" }) });
    const outer = defineFlow({ name: "outer", plan: sequence(subFlow(inner)) });
    const [compiled] = compile([flow(subFlow(outer, { timeoutMs: 9 })), outer, inner]).flows;
    expect(compiled?.flow.plan).toEqual({
      kind: "flow",
      flow: "outer",
      timeoutMs: 9,
      plan: { kind: "sequence", steps: [{ kind: "flow", flow: "inner", plan: transform({ x: "1" }) }] },
    });
  });

  it("contains no flow for a definition that nothing starts", () => {
    const part = defineFlow({ name: "part", plan: safe("a") });
    expect(compile([flow(subFlow(part)), part]).flows.map((one) => one.flow.name)).toEqual(["visit"]);
  });

  it("lists every section that a flow writes", () => {
    const plan = sequence(
      safe("b"),
      parallel({ branches: { x: safe("a") }, join: { type: "best", into: "winner" } }),
      waitFor("Paid", { into: "paid" }),
      waitFor("Sent"),
      human({ ask: "Well?" }),
      transform({ "offer.price": "1", "offer.name": "'x'" }),
    );
    expect(compile([flow(plan)]).flows[0]?.flow.sections).toEqual([
      "a",
      "b",
      "human",
      "offer",
      "paid",
      "winner",
    ]);
  });

  it("bounds a run by the flow's own timeout when it is shorter", () => {
    const life = (timeoutMs?: number) =>
      compile([flow(waitFor("Paid", { timeoutMs: 1_000 }), timeoutMs === undefined ? {} : { timeoutMs })])
        .flows[0]?.flow.lifeMs;
    expect([life(), life(10), life(2_000)]).toEqual([1_000, 10, 1_000]);
  });

  it("finds flows by trigger and by hash, and contracts by name", () => {
    const application = compile([
      flow(safe("a"), { together: ["also"] }),
      flow(safe("b"), { name: "also", together: ["visit"], if: "event.x", onBusy: "reject" }),
      flow(safe("c"), { name: "other", on: "Other" }),
    ]);
    expect(application.byTrigger("VisitAsked").map((one) => one.flow.name)).toEqual(["visit", "also"]);
    expect(application.byTrigger("Nothing")).toEqual([]);
    for (const one of application.flows) expect(application.byHash(one.hash)).toBe(one);
    expect(application.byHash("x")).toBeUndefined();
    expect(application.flows[1]?.flow).toMatchObject({ if: "event.x", onBusy: "reject" });
    expect(application.flows[0]?.flow.onBusy).toBe("queue");
    expect(application.contracts.get(parseAgentName("b"))).toBe(AGENTS[1]);
  });

  it("knows the event types that start a flow or that a step waits for", () => {
    const part = defineFlow({ name: "part", plan: waitFor("Paid") });
    expect([...compile([flow(subFlow(part)), part]).eventTypes]).toEqual(["VisitAsked", "Paid"]);
  });

  it("returns the schema of an event type, and none for names that every object inherits", () => {
    const schema = z.object({ text: z.string() });
    const application = defineApplication(
      { agents: AGENTS, flows: [flow(safe("a"))], events: { VisitAsked: schema } },
      digest,
    );
    expect(application.eventSchema("VisitAsked")).toBe(schema);
    expect(application.eventSchema("toString")).toBeUndefined();
  });
});

describe("a flow's hash", () => {
  const hashOf = (definition: FlowDefinition, agents = AGENTS) =>
    compile([definition], agents).flows[0]?.hash;

  it("does not depend on the order of keys", () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, inner]) => [key, reversed(inner)]),
      );
    };
    const definition = flow(
      sequence(safe("a", { retries: { max: 1, backoffMs: 2 } }), human({ ask: "Well?" })),
    );
    expect(hashOf(reversed(definition) as FlowDefinition)).toBe(hashOf(definition));
  });

  it("keeps the order of branches, even when a flow is read back from its text", () => {
    const branches = (first: string, last: string) =>
      flow(parallel({ branches: { [first]: safe(first), [last]: safe(last) } }));
    const order = (definition: FlowDefinition) => {
      const [one] = compile([definition]).flows;
      const again = JSON.parse(JSON.stringify(one?.flow)) as CompiledFlow;
      return childrenOf(again.plan).map(([name]) => name);
    };
    expect(order(branches("a", "b"))).toEqual(["a", "b"]);
    expect(order(branches("b", "a"))).toEqual(["b", "a"]);
    expect(hashOf(branches("a", "b"))).not.toBe(hashOf(branches("b", "a")));
  });

  it("is the hash of the executable form: assignments in one order, no undefined values", () => {
    const assigns = (first: string, last: string) => flow(transform({ [first]: "1", [last]: "1" }));
    expect(hashOf(assigns("n.a", "n.b"))).toBe(hashOf(assigns("n.b", "n.a")));
    const written = flow({ ...safe("a"), timeoutMs: undefined }, { name: "visit" });
    expect(compile([written]).flows[0]?.flow.plan).not.toHaveProperty("timeoutMs");
  });

  it("changes with the plan and with the contracts that it uses, and with no other", () => {
    const definition = flow(safe("a"));
    const changed = (name: string) =>
      AGENTS.map((one) => (one.spec.name === name ? agent(name, { timeoutMs: 1 }) : one));
    expect(hashOf(flow(safe("b")))).not.toBe(hashOf(definition));
    expect(hashOf(definition, changed("a"))).not.toBe(hashOf(definition));
    expect(hashOf(definition, changed("b"))).toBe(hashOf(definition));
  });

  it("is the same for a flow that is read back from JSON", () => {
    const [compiled] = compile([flow(sequence(safe("a"), waitFor("Paid")))]).flows;
    const stored = JSON.parse(JSON.stringify(compiled?.flow)) as NonNullable<typeof compiled>["flow"];
    expect(hashFlow(stored, digest)).toBe(compiled?.hash);
  });
});
