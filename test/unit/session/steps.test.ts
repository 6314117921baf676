import { describe, expect, it } from "vitest";
import {
  choice,
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
import { dataOf, given, World } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, isDone, reasonOf, running, typesOf } from "./sample.ts";

describe("a sequence", () => {
  it("runs one step after another and replies with what was written last", () => {
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
        events: ["AnswerApplied", ["TaskCreated", { agent: "b", slot: "b" }], "AttemptDispatched"],
        dispatches: ["b"],
      })
      .step.orders.forEach((order) => {
        expect(order.view).toEqual({ input: { who: "Ada" }, a: { x: 1 } });
        expect(order.asOf).toBe(9);
        expect(order.answerBy).toBe("door");
      });
  });

  it("fails with its run when a step fails, and says so in the reply", () => {
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

  it("fails when it takes longer than its timeout, and fences what runs inside", () => {
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

describe("a parallel", () => {
  const branches = { x: step("a"), y: step("b"), z: step("c") };

  it("waits for all branches", () => {
    const w = running(parallel({ branches }));
    expect(w.pending).toEqual(["a", "b", "c"]);
    w.answer("b", 2);
    w.answer("a", 1);
    expect(w.answer("c", 3).types).toEqual(["AnswerApplied", "JoinDecided", "ReplySent", "RunCompleted"]);
    expect(dataOf(w.events(), "JoinDecided")).toMatchObject([{ winners: ["x", "y", "z"] }]);
  });

  it("fails with the first branch that fails when all are needed, and fences the others", () => {
    const w = running(parallel({ branches }));
    w.answer("a", 1);
    expect(w.fail("b").types).toEqual([
      "AttemptFailed",
      "TaskFailed",
      "AttemptFenced",
      "StepCancelled",
      "StepFailed",
      "ReplySent",
      "RunFailed",
    ]);
  });

  it("goes on with the first branch when any will do, and fences the losers", () => {
    const w = running(sequence(parallel({ branches, join: { type: "any" } }), step("d")));
    w.fail("a");
    const { types } = w.answer("c", 3);
    expect(types).toEqual([
      "AnswerApplied",
      "AttemptFenced",
      "StepCancelled",
      "JoinDecided",
      "TaskCreated",
      "AttemptDispatched",
    ]);
    expect(w.answer("b", 2).types).toEqual(["AnswerLate"]);
    expect(w.state.context["b"]).toBeUndefined();
    w.answer("d", 4);
    expect(w.replies).toEqual([4]);
  });

  it("fails when any would do and all fail", () => {
    const w = running(parallel({ branches, join: { type: "any" } }));
    for (const name of ["a", "b", "c"]) w.fail(name);
    expect(reasonOf(w)).toBe("agent.failed");
  });

  it("goes on with a quorum, and fails as soon as it cannot be reached", () => {
    const quorum = parallel({ branches, join: { type: "quorum", n: 2 } });
    const w = running(quorum);
    w.answer("a", 1);
    w.answer("b", 2);
    expect(dataOf(w.events(), "JoinDecided")).toMatchObject([{ winners: ["x", "y"] }]);
    const lost = running(quorum);
    lost.fail("a");
    expect(isDone(lost)).toBe(false);
    lost.fail("b");
    expect(reasonOf(lost)).toBe("agent.failed");
  });

  it("takes the most confident of all that answer", () => {
    const w = running(parallel({ branches, join: { type: "best", into: "best" } }));
    w.answer("a", "one", { confidence: 0.4 });
    w.answer("b", "two", { confidence: 0.9 });
    w.fail("c");
    expect(w.state.context["best"]).toEqual({ branch: "y", confidence: 0.9, value: "two" });
    expect(w.replies).toEqual([{ branch: "y", confidence: 0.9, value: "two" }]);
  });

  it("rates a branch by the task that its choice ran, not by one that it did not", () => {
    const picky = choice({ when: [{ if: "input.deep == true", then: step("b") }], otherwise: step("a") });
    const w = running(
      parallel({ branches: { x: picky, y: step("c") }, join: { type: "best", into: "best" } }),
    );
    w.answer("a", "shallow", { confidence: 0.8 });
    w.answer("c", "other", { confidence: 0.5 });
    expect(w.state.context["best"]).toEqual({ branch: "x", confidence: 0.8, value: "shallow" });
  });

  it("lets losers finish: their results apply, and the run ends after them", () => {
    const w = running(
      sequence(
        parallel({
          branches: { x: step("a"), y: sequence(step("b"), step("c")) },
          join: { type: "any" },
          losers: "finish",
        }),
        reply("a"),
      ),
    );
    w.answer("a", 1);
    expect(w.replies).toEqual([1]);
    expect(w.pending).toEqual(["b"]);
    w.answer("b", 2);
    expect(w.pending).toEqual(["c"]);
    expect(w.answer("c", 3).types).toEqual(["AnswerApplied", "RunCompleted"]);
    expect(w.state.context).toMatchObject({ a: 1, b: 2, c: 3 });
  });

  it("lets losers finish even where the steps around them have ended", () => {
    const inner = parallel({
      branches: { x: step("a"), y: sequence(step("b"), step("c")) },
      join: { type: "any" },
      losers: "finish",
    });
    const bounded = sequence(
      { timeoutMs: 60_000 },
      map({ over: "input.list", each: sequence({ timeoutMs: 50_000 }, inner) }),
    );
    const w = running(sequence(bounded, step("d")), {
      data: { list: ["one"] },
      agents: [agent("c", { reads: ["item"] })],
    });
    w.answer("a", 1);
    expect(w.pending).toEqual(["b", "d"]);
    w.answer("d", 4);
    w.answer("b", 2);
    expect(w.order("c").view).toEqual({ item: { key: "0", index: 0, value: "one" } });
    w.answer("c", 3);
    expect(isDone(w)).toBe(true);
    expect(w.state.context).toMatchObject({ b: { 0: 2 }, c: { 0: 3 } });
  });

  it("does not begin again what a loser has done when an outer step ends meanwhile", () => {
    const inner = parallel({
      branches: { x: step("a"), y: sequence(step("b"), step("c")) },
      join: { type: "any" },
      losers: "finish",
    });
    const w = running(sequence(parallel({ branches: { p: inner, q: step("d") } }), step("e")));
    w.answer("a", 1);
    w.answer("b", 2);
    w.answer("d", 4);
    expect(w.pending).toEqual(["c", "e"]);
    w.answer("c", 3);
    w.answer("e", 5);
    expect(isDone(w)).toBe(true);
    expect(w.orders).toHaveLength(5);
  });

  it("retries a loser that finishes, and ignores its failure", () => {
    const b = agent("b", { retries: { max: 1, backoffMs: 1_000 } });
    const plan = sequence(
      { timeoutMs: 60_000 },
      parallel({ branches: { x: step("a"), y: step("b") }, join: { type: "any" }, losers: "finish" }),
    );
    const w = running(plan, { agents: [b] });
    w.answer("a", 1);
    w.fail("b");
    w.deadline();
    expect(w.pending).toEqual(["b"]);
    w.fail("b");
    expect(isDone(w)).toBe(true);
    expect(reasonOf(w)).toBeUndefined();
  });

  it("fails at its timeout, or goes on with what is done", () => {
    const fails = running(parallel({ branches, timeoutMs: 3_000 }));
    fails.answer("a", 1);
    fails.deadline();
    expect(reasonOf(fails)).toBe("step.timeout");

    const partial = running(
      sequence(parallel({ branches, timeoutMs: 3_000, onTimeout: "partial" }), step("d")),
    );
    partial.answer("a", 1);
    partial.deadline();
    expect(dataOf(partial.events(), "JoinDecided")).toMatchObject([{ winners: ["x"], partial: true }]);
    expect(partial.pending).toEqual(["d"]);

    const nothing = running(parallel({ branches, timeoutMs: 3_000, onTimeout: "partial" }));
    nothing.deadline();
    expect(reasonOf(nothing)).toBe("step.timeout");
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

  it("knows how sure an agent was", () => {
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

  it("is done at once for an empty list", () => {
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

  it("fails on what is no list, or one that is too long", () => {
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

  it("lets items that run in turn share what a transform writes", () => {
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
    expect(w.state.context["paid"]).toEqual({ amount: 12 });
  });

  it("fails or goes on at its timeout", () => {
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
    expect(w.person("again").verdicts).toMatchObject([{ type: "refused", code: "task.settled" }]);
  });

  it("fails or goes on when nobody answers in time", () => {
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
  it("starts another flow after this one, with what it says as its input", () => {
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

  it("satisfies a wait beside it", () => {
    const plan = parallel({
      branches: { x: waitFor("Noted", { into: "got" }), y: sequence(step("a"), emit("Noted", "a")) },
    });
    const w = running(plan);
    w.answer("a", { n: 7 });
    expect(w.state.context["got"]).toEqual({ n: 7 });
    expect(isDone(w)).toBe(true);
  });

  it("stops a loop that feeds itself at the hop budget, with a clear end", () => {
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
  it("replies where it stands, and the end of the run adds none", () => {
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
