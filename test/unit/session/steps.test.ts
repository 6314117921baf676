import { describe, expect, it } from "vitest";
import { choice, map, sequence, step, transform } from "#core/flow/build.ts";
import { dataOf, given } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, isDone, reasonOf, running, typesOf } from "./sample.ts";

describe("a sequence", () => {
  it("runs one step after another and replies with the last written value", () => {
    given(
      applicationOf([flowOf(sequence(step("a"), step("b")))]),
      (w) => w.event("Asked", { who: "Ada" }),
      (w) => w.answer("a", { x: 1 }),
    )
      .when((w) => w.answer("b", { y: 2 }))
      .then({
        events: [
          ["AnswerApplied", { attempt: 1, result: { y: 2 } }],
          ["ReplySent", { to: 1, body: { y: 2 } }],
          "RunCompleted",
        ],
        dispatches: [],
        state: { context: { input: { who: "Ada" }, a: { x: 1 }, b: { y: 2 } }, runs: {} },
      });
  });

  it("dispatches the next agent in the commit of the answer, with everything that it reads", () => {
    const b = agent("b", { reads: ["input", "a.x", "a.nothing"] });
    given(applicationOf([flowOf(sequence(step("a"), step("b")))], [b]), (w) =>
      w.event("Asked", { who: "Ada" }),
    )
      .when((w) => w.answer("a", { x: 1, z: 2 }))
      .then({
        events: ["AnswerApplied", ["TaskCreated", { agent: "b", slot: "~c1-3.b" }], "AttemptDispatched"],
        dispatches: ["b"],
      })
      .step.orders.forEach((order) => {
        expect(order.view).toEqual({ input: { who: "Ada" }, a: { x: 1 } });
        expect(order.asOf).toBe(9);
        expect(order.answerBy).toBe("door");
      });
  });

  it("fails with its run when a step fails, with the reason in the reply", () => {
    given(applicationOf([flowOf(sequence(step("a"), step("b")))]), (w) => w.event("Asked"))
      .when((w) => w.fail("a"))
      .then({
        events: [
          "AttemptFailed",
          "TaskFailed",
          ["ReplySent", { failed: true }],
          ["RunFailed", { error: { code: "agent.failed" } }],
        ],
        dispatches: [],
      });
  });

  it("fails when it exceeds its timeout, and fences the steps inside", () => {
    const w = running(sequence({ timeoutMs: 5_000 }, step("a"), step("b")));
    const { types } = w.deadline();
    expect(types).toEqual([
      "DeadlinePassed",
      "AttemptFenced",
      "StepCancelled",
      "StepFailed",
      "ReplySent",
      "RunFailed",
    ]);
    expect(w.answer("a", 1).types).toEqual(["AnswerLate"]);
    expect(w.answer("a", 1).types).toEqual([]);
  });
});

describe("a choice", () => {
  const plan = sequence(
    step("a"),
    choice({
      when: [
        { if: "a.kind == 'x'", then: step("b") },
        { if: "confidence.a < 0.5", then: step("c") },
      ],
      otherwise: step("d"),
    }),
  );

  it("takes the first condition that holds", () => {
    const w = running(plan);
    w.answer("a", { kind: "x" }, { confidence: 0.1 });
    expect(w.pending).toEqual(["b"]);
    expect(dataOf(w.events(), "ChoiceMade")).toMatchObject([
      { branch: "when/0", condition: "a.kind == 'x'" },
    ]);
  });

  it("can read an agent's confidence", () => {
    const w = running(plan);
    w.answer("a", { kind: "y" }, { confidence: 0.1 });
    expect(w.pending).toEqual(["c"]);
  });

  it("takes its default when no condition holds, and records those that cannot be evaluated", () => {
    const w = running(plan);
    w.answer("a", {});
    expect(w.pending).toEqual(["d"]);
    const [made] = dataOf(w.events(), "ChoiceMade");
    expect(made).toMatchObject({ branch: "otherwise" });
    expect(made?.errors).toHaveLength(2);
  });
});

describe("a map", () => {
  const list = (n: number) => ({ list: Array.from({ length: n }, (_, i) => `item ${i}`) });
  const each = agent("a", { reads: ["item", "input.rate"] });

  it("runs at most as many items at once as it may, each with its own view and slot", () => {
    const w = running(map({ over: "input.list", each: step("a"), maxConcurrent: 2 }), {
      data: { ...list(3), rate: 5 },
      agents: [each],
    });
    expect(w.pending).toEqual(["a", "a"]);
    expect(w.order("a", 1).view).toEqual({
      item: { key: "1", index: 1, value: "item 1" },
      input: { rate: 5 },
    });
    expect(w.order("a", 1).answerBy).toBe("queue");
    w.answer("a", "second", { dispatch: 1 });
    expect(w.orders).toHaveLength(3);
    w.answer("a", "first", { dispatch: 0 });
    w.answer("a", "third", { dispatch: 2 });
    expect(w.state.context["a"]).toEqual({ 0: "first", 1: "second", 2: "third" });
    expect(isDone(w)).toBe(true);
  });

  it("ends at once for an empty list", () => {
    const w = running(map({ over: "input.list", each: step("a") }), { data: list(0), agents: [each] });
    expect(typesOf(w).slice(-4)).toEqual(["MapStarted", "StepCompleted", "ReplySent", "RunCompleted"]);
  });

  it("fails when an item does, and fences the others", () => {
    const w = running(map({ over: "input.list", each: step("a") }), { data: list(3), agents: [each] });
    expect(w.fail("a", { dispatch: 1 }).types).toEqual([
      "AttemptFailed",
      "TaskFailed",
      "AttemptFenced",
      "AttemptFenced",
      "StepCancelled",
      "StepFailed",
      "ReplySent",
      "RunFailed",
    ]);
  });

  it("fails on a value that is not a list, or a list that is too long", () => {
    const tooLong = running(map({ over: "input.list", each: step("a"), maxItems: 2 }), { data: list(3) });
    const noList = running(map({ over: "input.list", each: step("a") }), { data: { list: "x" } });
    const missing = running(map({ over: "input.list", each: step("a") }), { data: {} });
    for (const w of [tooLong, noList, missing]) expect(reasonOf(w)).toBe("condition.failed");
  });

  it("keys the slots of a map inside a map by both items", () => {
    const inner = map({ over: "item.value", each: sequence(step("a"), step("b")) });
    const b = agent("b", { reads: ["a", "item"] });
    const w = running(map({ over: "input.rows", each: inner }), {
      data: { rows: [[1, 2], [3]] },
      agents: [each, b],
    });
    for (const n of [0, 1, 2]) w.answer("a", `a${n}`, { dispatch: n });
    expect(w.order("b", 1).view).toEqual({ a: "a1", item: { key: "1", index: 1, value: 2 } });
    for (const n of [0, 1, 2]) w.answer("b", `b${n}`, { dispatch: n });
    expect(w.state.context).toMatchObject({
      a: { 0: { 0: "a0", 1: "a1" }, 1: { 0: "a2" } },
      b: { 0: { 0: "b0", 1: "b1" }, 1: { 0: "b2" } },
    });
    expect(isDone(w)).toBe(true);
  });

  it("lets sequential items share a transform's section", () => {
    const sum = sequence(step("a"), transform({ "sum.total": "has(sum.total) ? sum.total + a.n : a.n" }));
    const w = running(map({ over: "input.list", each: sum, maxConcurrent: 1 }), { data: list(2) });
    w.answer("a", { n: 2 });
    w.answer("a", { n: 3 });
    expect(w.state.context["sum"]).toEqual({ total: 5 });
  });

  it("fails at its timeout", () => {
    const w = running(map({ over: "input.list", each: step("a"), timeoutMs: 2_000 }), { data: list(2) });
    w.deadline();
    expect(reasonOf(w)).toBe("step.timeout");
    expect(w.now).toBe(1_002_000);
  });
});
