import { describe, expect, it } from "vitest";
import { parallel, sequence, step, waitFor } from "#core/flow/build.ts";
import { dataOf, World } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, isDone, reasonOf, running, typesOf } from "./sample.ts";

const armed = (w: World) => dataOf(w.events(), "DeadlineArmed").map(({ at }) => at - 1_000_000);

describe("timers", () => {
  it("are armed for the next moment only, and not when an earlier one is armed", () => {
    const w = running(
      parallel({ branches: { x: step("a"), y: step("b"), z: waitFor("Paid", { timeoutMs: 30_000 }) } }),
      { agents: [agent("b", { timeoutMs: 5_000 })] },
    );
    expect(armed(w)).toEqual([7_000]);
    w.wait(1_000).answer("a", 1);
    expect(armed(w)).toEqual([7_000]);
    w.deadline();
    expect(reasonOf(w)).toBe("agent.timeout");
  });

  it("that fire early, late, twice or for nothing change only what is due", () => {
    const w = running(sequence(step("a"), waitFor("Paid", { timeoutMs: 30_000, onTimeout: "continue" })));
    expect(w.send({ kind: "deadline", at: 5 }).verdicts).toEqual([{ type: "nothing", because: "not-due" }]);
    expect(w.send({ kind: "deadline", at: 1_012_000 }).types).toEqual(["DeadlinePassed", "DeadlineArmed"]);
    w.answer("a", 1);
    w.deadline();
    expect(typesOf(w).slice(-2)).toEqual(["DeadlinePassed", "DeadlineArmed"]);
    w.wait(500_000);
    expect(w.deadline().types).toEqual([
      "DeadlinePassed",
      "WaitExpired",
      "StepCompleted",
      "ReplySent",
      "RunCompleted",
    ]);
    expect(w.deadline(1_030_000).types).toEqual([]);
  });

  it("that fired while nothing was due do not count as armed afterwards", () => {
    const w = running(step("a"));
    w.answer("a", 1);
    expect(w.deadline().types).toEqual([]);
    w.wait(10).event("Asked");
    expect(armed(w)).toEqual([12_000, 24_010]);
    w.deadline();
    expect(reasonOf(w)).toBe("agent.timeout");
  });

  it("that fire for nothing are recorded while the session relies on them, so that a slower writer loses the race", () => {
    const w = running(
      parallel({
        branches: { x: step("a"), y: sequence(step("b"), waitFor("Paid", { timeoutMs: 5_000 })) },
      }),
      { agents: [agent("b")] },
    );
    w.wait(1_000).answer("b", 1);
    w.event("Paid");
    expect(armed(w)).toEqual([12_000, 6_000]);
    expect(w.deadline(1_006_000).types).toEqual(["DeadlinePassed"]);
    expect(w.state.armed).toEqual([1_012_000]);
    expect(w.deadline(1_006_000).types).toEqual([]);
  });

  it("that remain from an ended run do not count for a later one; one that fires meanwhile is not recorded", () => {
    const w = running(step("a"));
    w.answer("a", 1);
    w.wait(10).event("Asked");
    expect(armed(w)).toEqual([12_000, 12_010]);
    w.wait(10).answer("a", 2);
    expect(w.deadline(1_012_010).types).toEqual([]);
  });

  it("that may have fired at a writer whose clock is ahead do not count as armed", () => {
    const w = running(step("a"));
    w.answer("a", 1);
    w.now = 1_012_000 - 100;
    w.event("Asked");
    expect(armed(w)).toEqual([12_000, 23_900]);
  });

  it("do not accumulate in the state of a long-lived session", () => {
    const w = running(step("a"));
    w.answer("a", 0);
    for (let i = 1; i < 20; i++) {
      w.wait(100_000).event("Asked");
      w.answer("a", i);
      w.deadline();
    }
    expect(w.state.armed.length).toBeLessThanOrEqual(1);
  });

  it("lost to a dead timer are made up for by any later input", () => {
    const w = running(step("a"));
    w.wait(50_000).event("Other");
    expect(reasonOf(w)).toBe("agent.timeout");
  });
});

describe("session time", () => {
  it("never goes back, whatever the writer's clock says", () => {
    const w = running(step("a"));
    w.now -= 600_000;
    w.event("Other");
    expect(w.state.time).toBe(1_000_000);
    w.answer("a", 1);
    w.event("Asked");
    expect(w.order("a", 1).deadline).toBe(1_010_000);
  });
});

describe("a run's life", () => {
  it("ends after its flow's own bound, with the reason in the reply", () => {
    const w = running(sequence(step("a"), step("b")), { timeoutMs: 3_000 });
    w.deadline();
    expect(w.replies).toMatchObject([{ code: "run.timeout" }]);
    expect(w.now).toBe(1_003_000);
  });

  it("leaves the decision to its last step's policy when both are due at the same moment", () => {
    const w = running(sequence(waitFor("Paid", { timeoutMs: 3_000, onTimeout: "continue" })));
    w.deadline();
    expect(isDone(w)).toBe(true);
    expect(reasonOf(w)).toBeUndefined();
  });

  it("ends the waiting of the runs behind it", () => {
    const w = new World(applicationOf([flowOf(step("a"), { timeoutMs: 3_000 })]));
    w.event("Asked");
    w.event("Asked");
    expect(w.deadline().types.slice(-4)).toEqual([
      "RunStarted",
      "TaskCreated",
      "AttemptDispatched",
      "DeadlineArmed",
    ]);
  });
});
