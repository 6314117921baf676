import { describe, expect, it } from "vitest";
import { sequence, step, waitFor } from "#core/flow/build.ts";
import type { PlanNode } from "#core/flow/plan.ts";
import { dataOf, World } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, isDone, reasonOf } from "./sample.ts";

const until = (sessionMs: number) => ({ constraints: { budget: { sessionMs } } });

function session(plan: PlanNode = sequence(step("a"), waitFor("Paid")), agents = [agent("a")]): World {
  return new World(applicationOf([flowOf(plan)], agents));
}

describe("a session's deadline", () => {
  it("ends all its runs, and the session accepts nothing more", () => {
    const w = session();
    w.event("Asked", {}, until(60_000));
    w.event("Asked");
    w.answer("a", 1);
    while (!isDone(w)) w.deadline();
    expect(w.now).toBe(1_060_000);
    expect(reasonOf(w)).toBe("session.timeout");
    expect(dataOf(w.events(), "RunCancelled")).toHaveLength(1);
    expect(w.state.status).toBe("stopped");
    expect(w.event("Asked").verdicts).toMatchObject([{ type: "refused", code: "session.stopped" }]);
  });

  it("is not extended for an agent that could take longer", () => {
    const w = session();
    w.event("Asked", {}, until(3_000));
    expect(w.order("a").deadline).toBe(1_003_000);
  });

  it("counts from the event that brings it, and a later event moves it", () => {
    const w = session();
    w.event("Asked", {}, until(60_000));
    w.wait(50_000).event("Paid", {}, until(60_000));
    expect(w.state.deadline).toBe(1_110_000);
  });

  it("applies to an idle session too, without a timer of its own", () => {
    const w = session(step("a"));
    w.event("Asked", {}, until(60_000));
    w.answer("a", 1);
    expect(w.nextDue()).toBeUndefined();
    w.wait(60_000);
    expect(w.event("Asked").verdicts).toMatchObject([{ type: "refused", code: "session.stopped" }]);
  });

  it("lets effects be undone", () => {
    const agents = [agent("a"), agent("b", { reads: ["undo"] })];
    const w = session(sequence(step("a", { compensate: step("b") }), waitFor("Paid")), agents);
    w.event("Asked", {}, until(60_000));
    w.answer("a", 1);
    while (w.state.status !== "stopped") w.deadline();
    expect(w.pending).toEqual(["b"]);
    w.answer("b", 1);
    expect(isDone(w)).toBe(true);
  });

  it("releases held events: the session does not wait for their predecessors", () => {
    const w = session();
    w.event("Asked", {}, { ...until(10_000), ordinal: 2 });
    w.deadline();
    expect(w.state.status).toBe("stopped");
    expect(w.nextDue()).toBeUndefined();
  });
});
