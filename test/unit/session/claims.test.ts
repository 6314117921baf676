import { describe, expect, it } from "vitest";
import { fallback, parallel, sequence, step, transform, waitFor } from "#core/flow/build.ts";

import { lookAt } from "#core/session/decide/look.ts";
import { dataOf, type World } from "#testing/given-when-then.ts";
import { agent, isDone, reasonOf, running, typesOf } from "./sample.ts";

describe("a claim", () => {
  const book = (onDoubt: "fail" | "repeat" = "fail", retries = 0) =>
    running(step("a", { fallback: [fallback.agent("b"), fallback.value("nobody knows")] }), {
      agents: [agent("a", { effect: "once", onDoubt, retries: { max: retries, backoffMs: 0 } })],
    });
  const look = (w: World) => lookAt(w.state, w.order("a", 0));

  it("is granted to one execution, granted to it again, and rejected for another", () => {
    const w = book();
    expect(look(w)).toBeUndefined();
    expect(w.claim("a", "one")).toMatchObject({
      types: ["EffectClaimed"],
      verdicts: [{ type: "committed" }],
    });
    expect(w.claim("a", "one")).toMatchObject({
      types: [],
      verdicts: [{ type: "nothing", because: "granted" }],
    });
    expect(w.claim("a", "two")).toMatchObject({
      types: [],
      verdicts: [{ type: "nothing", because: "claimed" }],
    });
    expect(look(w)).toBe("claimed");
    expect(w.answer("a", "booked").types).toEqual(["AnswerApplied", "ReplySent", "RunCompleted"]);
    expect(w.claim("a", "one").verdicts).toEqual([{ type: "nothing", because: "settled" }]);
  });

  it("is rejected for a fenced attempt", () => {
    const w = book("fail", 1);
    w.deadline();
    expect(look(w)).toBe("fenced");
    expect(w.claim("a", "one", 0).verdicts).toEqual([{ type: "nothing", because: "fenced" }]);
  });

  it("without an outcome is in doubt once its holder must be dead, and no other agent repeats it", () => {
    const w = book();
    w.claim("a");
    const claimedAt = w.now;
    w.deadline();
    expect(w.now).toBe(claimedAt + 12_000);
    expect(typesOf(w)).not.toContain("EffectInDoubt");
    expect(w.deadline().types).toEqual([
      "DeadlinePassed",
      "EffectInDoubt",
      "FallbackTaken",
      "ValueFilled",
      "ReplySent",
      "RunCompleted",
    ]);
    expect(w.now).toBe(claimedAt + 10_000 + 30_000);
    expect(w.replies).toEqual(["nobody knows"]);
    expect(w.answer("a", "booked after all").types).toEqual(["AnswerLate"]);
    expect(dataOf(w.events(), "AnswerLate")).toMatchObject([{ claimed: true }]);
  });

  it("in doubt is repeated when its target recognises the task's key", () => {
    const w = book("repeat", 1);
    w.claim("a");
    w.deadline();
    expect(w.deadline().types).toEqual([
      "DeadlinePassed",
      "EffectInDoubt",
      "RetryScheduled",
      "AttemptDispatched",
      "DeadlineArmed",
    ]);
  });

  it("delays a failure until its holder must be dead", () => {
    const w = book("repeat", 1);
    w.claim("a");
    expect(w.fail("a").types).toEqual(["AttemptFailed"]);
    expect(dataOf(w.events(), "AttemptFailed")).toMatchObject([{ held: true }]);
    expect(w.fail("a")).toMatchObject({ types: [], verdicts: [{ type: "nothing", because: "claimed" }] });
    expect(w.pending).toEqual(["a"]);
    w.deadline();
    w.deadline();
    expect(typesOf(w)).toContain("EffectInDoubt");
  });

  it("ends at once when the agent knows that the effect did not happen", () => {
    const w = book("fail", 1);
    w.claim("a");
    expect(w.fail("a", { effect: "not-done" }).types).toEqual([
      "AttemptFailed",
      "RetryScheduled",
      "AttemptDispatched",
    ]);
  });

  it("accepts the answer even if its reads changed afterwards", () => {
    const w = running(
      parallel({ branches: { x: step("a"), y: sequence(waitFor("Noted"), transform({ "note.n": "1" })) } }),
      { agents: [agent("a", { reads: ["note"], effect: "once" })] },
    );
    w.claim("a");
    w.event("Noted");
    w.answer("a", "booked");
    expect(w.state.context["a"]).toBe("booked");
  });

  it("is rejected on a stale view, and its contract decides whether the task is rerun, dropped or claimed anyway", () => {
    const raced = (onStale: "rerun" | "drop" | "accept") => {
      const w = running(
        parallel({ branches: { x: step("a"), y: sequence(waitFor("Noted"), transform({ "note.n": "1" })) } }),
        { agents: [agent("a", { reads: ["note"], effect: "once", onStale })] },
      );
      w.event("Noted");
      return w;
    };
    const rerun = raced("rerun");
    expect(rerun.claim("a")).toMatchObject({
      types: ["ClaimRefused", "AttemptDispatched"],
      verdicts: [{ because: "stale" }],
    });
    expect(rerun.answer("a", "too late", { dispatch: 0 }).types).toEqual(["AnswerLate"]);
    expect(rerun.claim("a").types).toContain("EffectClaimed");
    expect(raced("drop").claim("a").types).toEqual([
      "ClaimRefused",
      "TaskSkipped",
      "JoinDecided",
      "ReplySent",
      "RunCompleted",
    ]);
    expect(raced("accept").claim("a").types).toContain("EffectClaimed");
  });

  it("of a loser is awaited before the run ends, while the run continues", () => {
    const plan = sequence(
      parallel({ branches: { x: step("a"), y: step("b") }, join: { type: "any" } }),
      step("c"),
    );
    const w = running(plan, { agents: [agent("a", { effect: "once" })] });
    w.claim("a");
    w.answer("b", 1);
    expect(w.pending).toEqual(["a", "c"]);
    w.answer("c", 2);
    expect(isDone(w)).toBe(false);
    w.answer("a", "booked");
    expect(isDone(w)).toBe(true);
  });

  it("of a loser that fails is not retried", () => {
    const plan = sequence(
      parallel({
        branches: { x: step("a", { fallback: fallback.agent("d") }), y: step("b") },
        join: { type: "any" },
      }),
      step("c"),
    );
    const w = running(plan, {
      agents: [agent("a", { effect: "once", onDoubt: "repeat", retries: { max: 2, backoffMs: 0 } })],
    });
    w.claim("a");
    w.answer("b", 1);
    w.fail("a", { effect: "not-done" });
    expect(w.pending).toEqual(["c"]);
    w.answer("c", 1);
    expect(isDone(w)).toBe(true);
  });
});

describe("budgets", () => {
  it("tell a task what is left, and send tasks over budget down the fallback chain without another agent", () => {
    const plan = sequence(step("a"), step("b", { fallback: [fallback.agent("c"), fallback.value("cheap")] }));
    const poor = running(plan);
    poor.event("Asked", {}, { constraints: { budget: { tokens: 100, money: 2 } } });
    poor.answer("a", 1);
    poor.answer("b", 1);
    expect(poor.order("a", 1).budget).toEqual({ hops: 1_000, tokens: 100, money: 2 });
    poor.answer("a", 1, { usage: { tokens: 100, money: 0.5 } });
    expect(dataOf(poor.events(), "BudgetExhausted")).toMatchObject([{ budget: "tokens", limit: 100 }]);
    expect(poor.replies.at(-1)).toBe("cheap");
  });

  it("count the usage of fenced attempts as well", () => {
    const w = running(sequence(step("a"), step("b")), {
      agents: [agent("a", { retries: { max: 1, backoffMs: 0 } })],
    });
    w.deadline();
    w.answer("a", "late", { dispatch: 0, usage: { money: 3 } });
    expect(Object.values(w.state.runs)).toMatchObject([{ money: 3 }]);
  });

  it("limit a run's time by the constraints of its event", () => {
    const w = running(step("b"));
    w.answer("b", 1);
    w.event("Asked", {}, { constraints: { budget: { deadlineMs: 1_500 } } });
    w.deadline(w.nextDue());
    expect(reasonOf(w)).toBe("run.timeout");
    expect(w.now).toBe(1_001_500);
  });

  it("end a run with no time at all at once", () => {
    const w = running(step("a", { fallback: fallback.skip() }));
    w.answer("a", 1);
    w.event("Asked", {}, { constraints: { budget: { deadlineMs: 0 } } });
    expect(reasonOf(w)).toBe("run.timeout");
    expect(w.pending).toEqual([]);
  });
});
