import { describe, expect, it } from "vitest";
import { fallback, map, parallel, reply, sequence, step, waitFor } from "#core/flow/build.ts";
import { compensationLife } from "#core/flow/life.ts";
import type { PlanNode } from "#core/flow/plan.ts";
import { dataOf, type World } from "#testing/given-when-then.ts";
import { agent, isDone, reasonOf, running, typesOf } from "./sample.ts";

const undo = (name: string, overrides = {}) => agent(name, { reads: ["undo"], ...overrides });
const once = (name: string, overrides = {}) => agent(name, { effect: "once", ...overrides });

const AGENTS = [once("room"), once("car"), undo("free-room"), undo("free-car")];
const TRIP: PlanNode = sequence(
  step("room", { compensate: step("free-room") }),
  step("car", { compensate: step("free-car") }),
  step("a"),
);
const trip = (plan: PlanNode = TRIP, agents = AGENTS) => running(plan, { agents });

function booked(w: World): World {
  w.claim("room");
  w.answer("room", { id: 1 });
  w.claim("car");
  w.answer("car", { id: 2 });
  return w;
}

const viewOf = (w: World, name: string) => w.order(name).view;
const dispatched = (w: World) => dataOf(w.events(), "AttemptDispatched").map((data) => data.agent);

describe("a compensation", () => {
  it("undoes the effects of a failed run, the last one first, after the reply", () => {
    const w = booked(trip());
    expect(w.fail("a").types).toEqual([
      "AttemptFailed",
      "TaskFailed",
      "ReplySent",
      "CompensationStarted",
      "TaskCreated",
      "AttemptDispatched",
    ]);
    const car = dataOf(w.events(), "TaskCreated").find((task) => task.agent === "car");
    expect(viewOf(w, "free-car")).toEqual({
      undo: { agent: "car", key: `acme/s1/${car?.task}`, result: { id: 2 }, inDoubt: false },
    });
    expect(w.answer("free-car", "freed").types).toEqual([
      "AnswerApplied",
      "TaskCreated",
      "AttemptDispatched",
    ]);
    expect(viewOf(w, "free-room")).toMatchObject({ undo: { agent: "room", result: { id: 1 } } });
    expect(w.answer("free-room", "freed").types).toEqual(["AnswerApplied", "RunFailed"]);
    expect(dataOf(w.events(), "RunFailed")).toEqual([{ run: expect.any(String), error: expect.anything() }]);
    expect(isDone(w)).toBe(true);
  });

  it("is not started for a run that completes, nor for one without effects", () => {
    const w = booked(trip());
    w.answer("a", 1);
    expect(typesOf(w)).not.toContain("CompensationStarted");
    const idle = trip();
    idle.claim("room");
    idle.fail("room", { effect: "not-done" });
    expect(reasonOf(idle)).toBe("agent.failed");
    expect(typesOf(idle)).not.toContain("CompensationStarted");
  });

  it("waits for a claim, and undoes its effect if it happened", () => {
    const w = trip(
      sequence(
        parallel({
          branches: { x: step("room", { compensate: step("free-room") }), y: step("a") },
        }),
      ),
    );
    w.claim("room");
    w.fail("a");
    expect(dataOf(w.events(), "CompensationStarted")).toMatchObject([{ awaits: [expect.any(String)] }]);
    expect(dispatched(w)).toEqual(["room", "a"]);
    w.answer("room", { id: 7 });
    expect(viewOf(w, "free-room")).toMatchObject({ undo: { result: { id: 7 }, inDoubt: false } });
    w.answer("free-room", "freed");
    expect(isDone(w)).toBe(true);
  });

  it("undoes an effect in doubt, and tells its agent that it may not have happened", () => {
    const w = trip();
    w.claim("room");
    w.deadline();
    w.deadline();
    expect(typesOf(w)).toContain("EffectInDoubt");
    expect(viewOf(w, "free-room")).toMatchObject({ undo: { result: null, inDoubt: true } });
    w.answer("free-room", "nothing to free");
    expect(reasonOf(w)).toBe("effect.in-doubt");
  });

  it("receives the late answer of an effect in doubt", () => {
    const w = trip(
      sequence(step("room", { compensate: step("free-room"), fallback: fallback.value(null) }), step("a")),
    );
    w.claim("room");
    w.deadline();
    w.deadline();
    w.answer("room", { id: 9 }, { dispatch: 0 });
    w.fail("a");
    expect(viewOf(w, "free-room")).toMatchObject({ undo: { result: { id: 9 }, inDoubt: false } });
  });

  it("is retried and falls back like any task, and effects that remain are named at the run's end", () => {
    const agents = [
      once("room"),
      once("car"),
      undo("free-room"),
      undo("free-car", { retries: { max: 1, backoffMs: 1_000 } }),
    ];
    const w = booked(trip(TRIP, agents));
    w.fail("a");
    expect(w.fail("free-car").types).toContain("RetryScheduled");
    w.deadline();
    w.fail("free-car");
    expect(w.fail("free-room").types).toEqual(["AttemptFailed", "TaskFailed", "RunFailed"]);
    const tasks = dataOf(w.events(), "TaskCreated").map(({ task }) => task);
    expect(dataOf(w.events(), "RunFailed")).toMatchObject([{ uncompensated: [tasks[1], tasks[0]] }]);
  });

  it("may be assigned to a person", () => {
    const w = booked(
      trip(
        sequence(
          step("room", {
            compensate: step("free-room", { fallback: fallback.human({ ask: "Please free the room" }) }),
          }),
          step("car"),
          step("a"),
        ),
      ),
    );
    w.fail("a");
    w.fail("free-room");
    w.person("done", "Please free the room");
    expect(dataOf(w.events(), "RunFailed")[0]).not.toHaveProperty("uncompensated");
    expect(isDone(w)).toBe(true);
  });

  it("ends within its bound even if no answer ever arrives", () => {
    const w = booked(trip());
    w.fail("a");
    const dueAt = dataOf(w.events(), "CompensationStarted")[0]?.dueAt ?? 0;
    expect(dueAt - w.now).toBe(compensationLife(w.application.flows[0]!.flow.plan));
    while (!isDone(w)) w.deadline();
    expect(w.now).toBeLessThanOrEqual(dueAt);
    expect(dataOf(w.events(), "RunFailed")[0]?.uncompensated).toHaveLength(2);
  });

  it("waits for an agent whose breaker is open instead of giving up at once", () => {
    const w = booked(
      trip(TRIP, [
        once("room"),
        once("car"),
        undo("free-room"),
        undo("free-car", { retries: { max: 2, backoffMs: 1_000 } }),
      ]),
    );
    w.breakers = { "free-car": "open" };
    expect(w.fail("a").types.slice(-3)).toEqual(["AgentUnavailable", "RetryScheduled", "DeadlineArmed"]);
    w.breakers = {};
    expect(w.deadline().types).toContain("AttemptDispatched");
  });

  it("needs no budget: a run that has used up its own still undoes its effects", () => {
    const w = running(TRIP, { agents: AGENTS, world: { limits: { hops: 2 } } });
    booked(w);
    expect(dataOf(w.events(), "BudgetExhausted")).toHaveLength(1);
    expect(w.pending).toEqual(["free-car"]);
    w.answer("free-car", 1);
    w.answer("free-room", 1);
    expect(reasonOf(w)).toBe("budget.exhausted");
  });

  it("undoes each item of a map with the item's own result", () => {
    const w = trip(
      sequence(
        map({ over: "input.cities", each: step("room", { compensate: step("free-room") }), maxItems: 2 }),
        step("a"),
      ),
      AGENTS,
    );
    // The first run has no cities and fails at once; this one has two.
    w.event("Asked", { cities: ["Rome", "Oslo"] });
    for (const [index, city] of ["rome", "oslo"].entries()) {
      w.claim("room", `execution-${index}`, index);
      w.answer("room", city, { dispatch: index });
    }
    w.fail("a");
    expect(viewOf(w, "free-room")).toMatchObject({ undo: { result: "oslo" } });
    w.answer("free-room", 1);
    expect(viewOf(w, "free-room")).toMatchObject({ undo: { result: "rome" } });
    w.answer("free-room", 1);
    expect(isDone(w)).toBe(true);
  });
});

describe("a cancelled run", () => {
  it("undoes its effects, unless the command says otherwise", () => {
    const kind = booked(trip());
    kind.cancel("visit");
    expect(kind.pending).toEqual(["free-car"]);
    kind.answer("free-car", 1);
    expect(kind.answer("free-room", 1).types).toEqual(["AnswerApplied", "RunCancelled"]);
    const harsh = booked(trip());
    harsh.cancel("visit", "now", false);
    expect(dataOf(harsh.events(), "RunCancelled")).toMatchObject([
      { uncompensated: [expect.any(String), expect.any(String)] },
    ]);
    expect(isDone(harsh)).toBe(true);
  });

  it("also names a claim whose effect may have happened, when nothing is to be undone", () => {
    const w = trip();
    w.claim("room");
    w.cancel("visit", "now", false);
    expect(dataOf(w.events(), "RunCancelled")).toMatchObject([{ uncompensated: [w.order("room").task] }]);
  });

  it("in a stopped session undoes its effects, and a second stop without compensation ends that too", () => {
    const w = booked(trip());
    w.stop("enough");
    expect(w.state.status).toBe("stopped");
    expect(w.pending).toEqual(["free-car"]);
    expect(w.stop("again").verdicts).toMatchObject([{ type: "refused", code: "session.stopped" }]);
    w.stop("at once", false);
    expect(isDone(w)).toBe(true);
  });

  it("keeps the next run waiting until everything is undone, even when that run restarts it", () => {
    for (const onBusy of ["queue", "restart"] as const) {
      const w = running(TRIP, { agents: AGENTS, onBusy });
      booked(w);
      w.event("Asked");
      if (onBusy === "queue") w.cancel("visit");
      expect(dataOf(w.events(), "RunStarted")).toHaveLength(1);
      w.answer("free-car", 1);
      w.answer("free-room", 1);
      expect(dataOf(w.events(), "RunStarted")).toHaveLength(2);
    }
  });

  it("keeps undoing while an urgent run goes first", () => {
    const w = running(
      sequence(step("room", { compensate: step("free-room") }), waitFor("Paid"), reply("1")),
      {
        agents: AGENTS,
        onBusy: "pre-empt",
      },
    );
    w.claim("room");
    w.answer("room", 1);
    w.cancel("visit");
    w.event("Asked");
    expect(dataOf(w.events(), "RunStarted")).toHaveLength(2);
    expect(w.pending).toEqual(["free-room", "room"]);
  });
});
