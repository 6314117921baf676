import { describe, expect, it } from "vitest";
import { fallback, parallel, sequence, step, transform, waitFor } from "#core/flow/build.ts";
import { backoffMs } from "#core/flow/bounds.ts";
import { chanceOf } from "#core/session/decide/chance.ts";
import { dataOf } from "#testing/given-when-then.ts";
import { agent, isDone, reasonOf, running } from "./sample.ts";

describe("retries", () => {
  const patient = agent("a", { retries: { max: 2, backoffMs: 1_000 } });

  it("come after a pause that doubles, with jitter that a replay reproduces", () => {
    const w = running(step("a"), { agents: [patient] });
    expect(w.fail("a").types).toEqual(["AttemptFailed", "RetryScheduled", "DeadlineArmed"]);
    const { task } = w.order("a");
    const pause = backoffMs({ max: 2, backoffMs: 1_000 }, 1, chanceOf(`${task}/1`));
    expect(dataOf(w.events(), "RetryScheduled")).toEqual([{ task, dueAt: w.now + pause }]);
    expect(pause).toBeGreaterThanOrEqual(500);
    expect(pause).toBeLessThan(1_500);
    expect(w.deadline().types).toEqual(["DeadlinePassed", "AttemptDispatched"]);
    expect(w.order("a").attempt).toBe(2);
    w.fail("a");
    const second = (dataOf(w.events(), "RetryScheduled")[1]?.dueAt ?? 0) - w.now;
    expect(second).toBe(backoffMs({ max: 2, backoffMs: 1_000 }, 2, chanceOf(`${task}/2`)));
  });

  it("end when none are left", () => {
    const w = running(step("a"), { agents: [patient] });
    for (let i = 0; i < 2; i++) {
      w.fail("a");
      w.deadline();
    }
    expect(w.fail("a").types).toEqual(["AttemptFailed", "TaskFailed", "ReplySent", "RunFailed"]);
    expect(w.orders).toHaveLength(3);
  });

  it("do not follow a failure that the agent calls final", () => {
    const w = running(step("a"), { agents: [patient] });
    w.fail("a", { retryable: false });
    expect(isDone(w)).toBe(true);
  });

  it("follow a timeout, and the late answer of the timed-out attempt is recorded and not applied", () => {
    const w = running(step("a"), { agents: [patient] });
    expect(w.deadline().types).toEqual([
      "DeadlinePassed",
      "AttemptTimedOut",
      "RetryScheduled",
      "DeadlineArmed",
    ]);
    expect(w.answer("a", "late", { dispatch: 0 }).types).toEqual(["AnswerLate"]);
    expect(w.answer("a", "late", { dispatch: 0 }).verdicts).toEqual([
      { type: "nothing", because: "settled" },
    ]);
    w.deadline();
    w.answer("a", "in time");
    expect(w.replies).toEqual(["in time"]);
  });

  it("follow a dead letter, which counts for its attempt", () => {
    const w = running(step("a"), { agents: [patient] });
    expect(w.letter("a").types).toEqual([
      "DeadLetterRecorded",
      "AttemptFailed",
      "RetryScheduled",
      "DeadlineArmed",
    ]);
    expect(w.letter("a").types).toEqual(["DeadLetterRecorded"]);
  });

  it("without a pause happen at once", () => {
    const w = running(step("a"), { agents: [agent("a", { retries: { max: 1, backoffMs: 0 } })] });
    expect(w.fail("a").types).toEqual(["AttemptFailed", "RetryScheduled", "AttemptDispatched"]);
  });

  it("use a step's own numbers instead of the contract's", () => {
    const w = running(step("a", { timeoutMs: 1_000, retries: { max: 0, backoffMs: 0 } }), {
      agents: [patient],
    });
    expect(w.order("a").deadline).toBe(w.now + 1_000);
    w.fail("a");
    expect(isDone(w)).toBe(true);
  });
});

describe("a task's deadline", () => {
  it("is its agent's timeout, but never later than the end of its run", () => {
    expect(running(step("a")).order("a").deadline).toBe(1_010_000);
    expect(running(step("a"), { timeoutMs: 4_000 }).order("a").deadline).toBe(1_004_000);
  });
});

describe("a fallback chain", () => {
  it("tries another agent, whose result fills the slot of the one it replaces", () => {
    const w = running(sequence(step("a", { fallback: fallback.agent("b") }), step("c")), {
      agents: [agent("c", { reads: ["a"] })],
    });
    expect(w.fail("a").types).toEqual(["AttemptFailed", "FallbackTaken", "AttemptDispatched"]);
    w.answer("b", "from b");
    expect(w.order("c").view).toEqual({ a: "from b" });
    expect(w.own("b")).toBeUndefined();
    expect(w.state.findings).toMatchObject({ "~c1-3.a": { by: "b" } });
  });

  it("continues with the next link when the fallback agent fails too, after that agent's own retries", () => {
    const b = agent("b", { retries: { max: 1, backoffMs: 0 }, timeoutMs: 3_000 });
    const w = running(step("a", { fallback: [fallback.agent("b"), fallback.value({ by: "rule" })] }), {
      agents: [b],
    });
    w.fail("a");
    expect(w.order("b")).toMatchObject({ attempt: 2, deadline: w.now + 3_000 });
    w.fail("b");
    expect(w.order("b").attempt).toBe(3);
    expect(w.fail("b").types).toEqual([
      "AttemptFailed",
      "FallbackTaken",
      "ValueFilled",
      "ReplySent",
      "RunCompleted",
    ]);
    expect(w.replies).toEqual([{ by: "rule" }]);
  });

  it("takes the last known value if there is one, or else continues down the chain", () => {
    const w = running(step("a", { fallback: [fallback.lastKnown(), fallback.value("none")] }));
    w.fail("a");
    expect(w.replies).toEqual(["none"]);
    w.event("Asked");
    w.answer("a", "fresh");
    w.event("Asked");
    w.fail("a");
    expect(w.replies.at(-1)).toBe("fresh");
    expect(dataOf(w.events(), "ValueFilled").at(-1)).toMatchObject({ by: "last-known" });
  });

  it("takes the session's last known value for a run with sections of its own", () => {
    const w = running(step("a", { fallback: fallback.lastKnown() }), { onBusy: "parallel" });
    w.answer("a", "kept");
    w.event("Asked");
    w.fail("a");
    expect(w.replies).toEqual(["kept", "kept"]);
  });

  it("asks a person, and continues when the person does not answer", () => {
    const plan = step("a", {
      fallback: [fallback.human({ ask: "What now?", timeoutMs: 2_000 }), fallback.value("nobody")],
    });
    const answered = running(plan);
    expect(answered.fail("a").types).toEqual([
      "AttemptFailed",
      "FallbackTaken",
      "HumanAsked",
      "DeadlineArmed",
    ]);
    expect(answered.person("me").types).toEqual(["HumanAnswered", "ReplySent", "RunCompleted"]);
    expect(answered.replies).toEqual(["me"]);
    const waited = running(plan);
    waited.fail("a");
    expect(waited.deadline().types).toEqual([
      "DeadlinePassed",
      "HumanExpired",
      "FallbackTaken",
      "ValueFilled",
      "ReplySent",
      "RunCompleted",
    ]);
    expect(waited.replies).toEqual(["nobody"]);
  });

  it("skips, and the run continues without a value", () => {
    const w = running(sequence(step("a", { fallback: fallback.skip() }), step("b")));
    expect(w.fail("a").types).toEqual([
      "AttemptFailed",
      "FallbackTaken",
      "TaskSkipped",
      "TaskCreated",
      "AttemptDispatched",
    ]);
    expect(w.own("a")).toBeUndefined();
  });

  it("is used at once when the agent's circuit breaker is open, and skips agents whose breakers are open", () => {
    const w = running(
      sequence(step("a"), step("b", { fallback: [fallback.agent("c"), fallback.agent("d")] })),
    );
    w.breakers = { b: "open", c: "open", d: "probe" };
    expect(w.answer("a", 1).types).toEqual([
      "AnswerApplied",
      "TaskCreated",
      "AgentUnavailable",
      "FallbackTaken",
      "AttemptDispatched",
    ]);
    expect(w.pending).toEqual(["d"]);
  });

  it("that is missing makes an open circuit breaker fail the task", () => {
    const w = running(sequence(step("a"), step("b")));
    w.breakers = { b: "open" };
    w.answer("a", 1);
    expect(reasonOf(w)).toBe("agent.unavailable");
  });
});

describe("a stale result", () => {
  /** a reads what w's transform changes while it works. */
  const raced = (onStale: "rerun" | "drop" | "accept", effect: "none" | "once" = "none") =>
    running(
      parallel({
        branches: {
          x: step("a", { fallback: fallback.value("given up") }),
          y: sequence(
            waitFor("Noted"),
            transform({ "note.n": "1" }),
            waitFor("Again"),
            transform({ "note.n": "2" }),
          ),
        },
      }),
      {
        agents: [agent("a", { reads: ["note"], onStale, effect })],
      },
    );

  it("is rerun on the fresh view when the contract says so", () => {
    const w = raced("rerun");
    w.event("Noted");
    expect(w.answer("a", "old").types).toEqual(["AnswerStale", "AttemptDispatched"]);
    expect(dataOf(w.events(), "AnswerStale")).toMatchObject([
      { changed: ["note"], action: "rerun", result: "old" },
    ]);
    expect(w.order("a").view).toEqual({ note: { n: 1 } });
    w.answer("a", "new");
    expect(w.own("a")).toBe("new");
  });

  it("is dropped, and the run continues without it", () => {
    const w = raced("drop");
    w.event("Noted");
    expect(w.answer("a", "old").types).toEqual(["AnswerStale", "TaskSkipped"]);
    expect(w.own("a")).toBeUndefined();
  });

  it("is accepted, and the log says that it was stale", () => {
    const w = raced("accept");
    w.event("Noted");
    w.answer("a", "old");
    expect(dataOf(w.events(), "AnswerApplied")).toMatchObject([{ result: "old", stale: ["note"] }]);
  });

  it("is given up after three reruns, and falls back", () => {
    const changes = Array.from({ length: 5 }, (_, i) => [
      waitFor(`Noted${i}`),
      transform({ "note.n": String(i) }),
    ]).flat();
    const w = running(
      parallel({
        branches: { x: step("a", { fallback: fallback.value("given up") }), y: sequence(...changes) },
      }),
      { agents: [agent("a", { reads: ["note.n"] })] },
    );
    for (let i = 0; i < 4; i++) {
      w.event(`Noted${i}`);
      w.answer("a", i);
    }
    expect(dataOf(w.events(), "AnswerStale").map(({ action }) => action)).toEqual([
      "rerun",
      "rerun",
      "rerun",
      "give-up",
    ]);
    expect(w.own("a")).toBe("given up");
  });

  it("does not result from a changed path that its contract does not read", () => {
    const w = running(
      parallel({ branches: { x: step("a"), y: sequence(waitFor("Noted"), transform({ "note.n": "1" })) } }),
      { agents: [agent("a", { reads: ["note.other"] })] },
    );
    w.event("Noted");
    expect(w.answer("a", 1).types).toContain("AnswerApplied");
    const kept = running(
      sequence(
        transform({ "note.m": "0" }),
        parallel({ branches: { x: step("a"), y: sequence(waitFor("Noted"), transform({ "note.n": "1" })) } }),
      ),
      { agents: [agent("a", { reads: ["note.m"] })] },
    );
    kept.event("Noted");
    expect(kept.answer("a", 1).types).toContain("AnswerApplied");
  });
});
