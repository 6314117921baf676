import { describe, expect, it } from "vitest";
import { choice, map, parallel, reply, sequence, step } from "#core/flow/build.ts";
import { dataOf } from "#testing/given-when-then.ts";
import { agent, isDone, reasonOf, running } from "./sample.ts";

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

  it("continues with the first branch when any will do, and fences the losers", () => {
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

  it("continues with a quorum, and fails as soon as it is unreachable", () => {
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

  it("lets losers finish even after the enclosing steps have ended", () => {
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

  it("does not repeat a loser's work when an outer step ends meanwhile", () => {
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

  it("retries a loser that may finish, and ignores its failure", () => {
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

  it("fails at its timeout, or continues with the completed branches", () => {
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
