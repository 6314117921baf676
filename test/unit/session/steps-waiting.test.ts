import { describe, expect, it } from "vitest";
import {
  emit,
  fallback,
  human,
  parallel,
  reply,
  sequence,
  step,
  subFlow,
  transform,
  waitFor,
} from "#core/flow/build.ts";
import { dataOf, World } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, isDone, reasonOf, running, typesOf } from "./sample.ts";

describe("a wait", () => {
  const plan = sequence(
    step("a"),
    waitFor("Paid", { if: "event.amount >= input.price", into: "paid", timeoutMs: 5_000 }),
    step("b"),
  );

  it("takes the event that meets its condition, and no other", () => {
    const w = running(plan, { data: { price: 10 } });
    w.answer("a", 1);
    expect(w.event("Paid", { amount: 5 }).events[0]).toMatchObject({ data: { disposition: "ignored" } });
    const { types, events } = w.event("Paid", { amount: 12 });
    expect(types).toEqual(["InputAccepted", "WaitSatisfied", "TaskCreated", "AttemptDispatched"]);
    expect(events[0]).toMatchObject({ data: { disposition: "awaited" } });
    expect(w.own("paid")).toEqual({ amount: 12 });
  });

  it("fails or continues at its timeout", () => {
    const w = running(plan, { data: { price: 10 } });
    w.answer("a", 1);
    expect(w.deadline().types.slice(0, 3)).toEqual(["DeadlinePassed", "WaitExpired", "StepFailed"]);
    expect(reasonOf(w)).toBe("step.timeout");
    const goesOn = running(sequence(waitFor("Paid", { timeoutMs: 5_000, onTimeout: "continue" }), step("b")));
    expect(goesOn.deadline().types).toEqual([
      "DeadlinePassed",
      "WaitExpired",
      "StepCompleted",
      "TaskCreated",
      "AttemptDispatched",
      "DeadlineArmed",
    ]);
  });

  it("takes an event before any flow does", () => {
    const w = new World(
      applicationOf([flowOf(waitFor("Asked")), flowOf(step("b"), { name: "other", on: "Started" })]),
    );
    w.event("Asked");
    w.event("Asked");
    expect(typesOf(w).filter((type) => type === "RunQueued")).toHaveLength(1);
    expect(isDone(w)).toBe(true);
  });
});

describe("a person's step", () => {
  it("asks, and takes the answer as the value of its section", () => {
    const w = running(sequence(human({ ask: "Well?", into: "judgement" }), step("a")), {
      agents: [agent("a", { reads: ["judgement"] })],
    });
    const { types, orders } = w.person({ ok: true });
    expect(types).toEqual(["HumanAnswered", "TaskCreated", "AttemptDispatched", "DeadlineArmed"]);
    expect(orders[0]?.view).toEqual({ judgement: { ok: true } });
    expect(w.person("again").verdicts).toMatchObject([{ type: "refused", code: "question.closed" }]);
  });

  it("fails or continues when the person does not answer in time", () => {
    const w = running(human({ ask: "Well?", timeoutMs: 1_000 }));
    expect(w.deadline().types).toEqual([
      "DeadlinePassed",
      "HumanExpired",
      "StepFailed",
      "ReplySent",
      "RunFailed",
    ]);
    const goesOn = running(human({ ask: "Well?", timeoutMs: 1_000, onTimeout: "continue" }));
    expect(goesOn.deadline().types).toEqual([
      "DeadlinePassed",
      "HumanExpired",
      "StepCompleted",
      "ReplySent",
      "RunCompleted",
    ]);
  });
});

describe("a sub-flow", () => {
  const part = flowOf(sequence(step("b"), step("c")), { name: "part", on: "PartAsked" });

  it("runs another flow's plan in its place", () => {
    const w = new World(applicationOf([flowOf(sequence(subFlow("part"), step("a"))), part]));
    w.event("Asked");
    w.answer("b", 1);
    expect(w.state.tasks[w.order("c").task]?.step).toBe("plan/0/plan/1");
    w.answer("c", 2);
    expect(w.pending).toEqual(["a"]);
  });

  it("fails at its timeout", () => {
    const w = new World(
      applicationOf([flowOf(sequence(subFlow("part", { timeoutMs: 3_000 }), step("a"))), part]),
    );
    w.event("Asked");
    w.deadline();
    expect(reasonOf(w)).toBe("step.timeout");
  });

  it.each([
    ["the flow's own", 2_000, undefined, 2_000],
    ["the flow's own where the step allows more", 2_000, 3_000, 2_000],
    ["the step's where the flow allows more", 3_000, 2_000, 2_000],
  ])("ends at its timeout, %s", (_whose, inner, outer, ms) => {
    const bounded = { ...part, timeoutMs: inner };
    const bounds = outer === undefined ? {} : { timeoutMs: outer };
    const w = new World(applicationOf([flowOf(sequence(subFlow("part", bounds), step("a"))), bounded]));
    w.event("Asked");
    expect(w.nextDue()).toBe(w.now + ms);
    w.deadline();
    expect(reasonOf(w)).toBe("step.timeout");
  });

  it("replies to the caller of the run that it is a part of, who gets the first reply", () => {
    const telling = flowOf(reply("'from the part'"), { name: "part", on: "PartAsked" });
    const w = new World(applicationOf([flowOf(sequence(subFlow("part"), step("a"))), telling]));
    w.event("Asked");
    w.answer("a", "from the whole");
    expect(w.replies).toEqual(["from the part"]);
  });
});

describe("a transform", () => {
  it("writes paths with the values of expressions", () => {
    const w = running(sequence(transform({ "note.who": "input.who", "note.n": "1 + 1" }), reply("note")), {
      data: { who: "Ada" },
    });
    expect(w.replies).toEqual([{ who: "Ada", n: 2 }]);
  });

  it("fails when an expression does, and writes nothing", () => {
    const w = running(transform({ "note.a": "1", "note.who": "input.who + 1" }), { data: { who: "Ada" } });
    expect(reasonOf(w)).toBe("condition.failed");
    expect(w.state.context["note"]).toBeUndefined();
  });
});

describe("an emit", () => {
  it("starts another flow after this one, with its data as the input", () => {
    const other = flowOf(step("b"), { name: "other", on: "Noted", if: "event.n == 2" });
    const w = new World(
      applicationOf([flowOf(sequence(emit("Noted", "{'n': input.n + 1}"), step("a"))), other]),
    );
    w.event("Asked", { n: 1 });
    expect(w.pending).toEqual(["a"]);
    w.answer("a", 1);
    expect(w.pending).toEqual(["b"]);
    expect(w.order("b").view).toEqual({ input: { n: 2 } });
    expect(w.order("b").correlation).toBe("correlation-1");
    w.answer("b", 2);
    expect(dataOf(w.events(), "ReplySent").map(({ to }) => to)).toEqual([
      1,
      dataOf(w.events(), "RunQueued")[1]?.trigger,
    ]);
  });

  it("satisfies a concurrent wait", () => {
    const plan = parallel({
      branches: { x: waitFor("Noted", { into: "got" }), y: sequence(step("a"), emit("Noted", "a")) },
    });
    const w = running(plan);
    w.answer("a", { n: 7 });
    expect(w.state.context["got"]).toEqual({ n: 7 });
    expect(isDone(w)).toBe(true);
  });

  it("stops a loop that feeds itself at the hop budget, with a clear error", () => {
    const loop = flowOf(emit("Asked", "{'n': input.n + 1}"), { if: "event.n > 0" });
    const w = new World(applicationOf([loop]), { limits: { hops: 20 } });
    w.event("Asked", { n: 1 });
    expect(isDone(w)).toBe(true);
    expect(dataOf(w.events(), "BudgetExhausted")).toMatchObject([{ budget: "hops", limit: 20 }]);
    expect(dataOf(w.events(), "EventEmitted")).toHaveLength(20);
    expect(reasonOf(w)).toBe("budget.exhausted");
    expect(w.replies.at(-1)).toMatchObject({ code: "budget.exhausted" });
  });

  it("stops a loop through an agent as well", () => {
    const loop = flowOf(sequence(step("a"), emit("Asked", "input")), { if: "event.n > 0" });
    const w = new World(applicationOf([loop]), { limits: { hops: 5 } });
    w.event("Asked", { n: 1 });
    for (let i = 0; w.pending.length > 0; i++) w.answer("a", i);
    expect(w.orders).toHaveLength(3);
    expect(reasonOf(w)).toBe("budget.exhausted");
  });
});

describe("a reply", () => {
  it("replies at its place, and the end of the run adds none", () => {
    const w = running(sequence(step("a"), reply("{'said': a}"), step("b")));
    w.answer("a", "x");
    expect(w.replies).toEqual([{ said: "x" }]);
    w.fail("b");
    expect(w.replies).toEqual([{ said: "x" }]);
  });

  it("is null when a run that wrote nothing ends", () => {
    const w = running(step("a", { fallback: fallback.skip() }));
    w.fail("a");
    expect(w.replies).toEqual([null]);
  });

  it("fails when its expression does", () => {
    expect(reasonOf(running(reply("input.missing.deeply")))).toBe("condition.failed");
  });
});
