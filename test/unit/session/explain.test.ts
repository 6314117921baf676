import { describe, expect, it } from "vitest";
import { fallback, human, parallel, step, waitFor } from "#core/flow/build.ts";
import { explain } from "#core/session/explain.ts";
import { World } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, running } from "./sample.ts";

const START = Date.parse("2030-01-01T00:00:00.000Z");
const world = { startAt: START };
const waits = (w: World) => explain(w.state, w.application);

describe("a session's waits", () => {
  it("include an answer, a person and an event, each with its time", () => {
    const branches = {
      x: step("a"),
      y: human({ ask: "Well?", timeoutMs: 60_000 }),
      z: waitFor("Paid", { if: "event.ok", timeoutMs: 5_000 }),
    };
    const w = running(parallel({ branches, timeoutMs: 90_000 }), { world });
    expect(waits(w)).toEqual([
      'Run c1-3 of flow "visit" is running; it must end by 2030-01-01T00:01:00.000Z.',
      "plan/x waits for the answer of a (attempt 1) until 2030-01-01T00:00:12.000Z.",
      "plan must end by 2030-01-01T00:01:30.000Z.",
      'plan/y waits for a person to answer "Well?" (ask c1-8) until 2030-01-01T00:01:00.000Z.',
      "plan/z waits for the event Paid with event.ok until 2030-01-01T00:00:05.000Z.",
    ]);
  });

  it("include a pause, a claimed effect, or a person in an agent's place", () => {
    const patient = agent("a", { retries: { max: 1, backoffMs: 1_000 }, effect: "once" });
    const w = running(step("a", { fallback: fallback.human({ ask: "What now?", timeoutMs: 1_000 }) }), {
      world,
      agents: [patient],
    });
    w.fail("a");
    expect(waits(w)[1]).toMatch(/^plan retries a \(attempt 2\) at 2030-01-01T00:00:0[01]\.\d{3}Z\.$/);
    w.deadline();
    w.claim("a", "e1");
    w.fail("a");
    expect(waits(w)[1]).toMatch(
      /^plan waits for the outcome of an effect that a claimed \(execution e1\) and failed after that; it is in doubt at 2030/,
    );
    w.fail("a", { effect: "not-done" });
    expect(waits(w)[1]).toMatch(
      /^plan waits for a person to answer "What now\?" \(ask c\d+-\d+\) until 2030/,
    );
  });

  it("include a turn in the queue, or the end of an urgent run", () => {
    const flows = [
      flowOf(step("a"), { name: "calm", on: "Calm" }),
      flowOf(step("b"), { name: "urgent", on: "Urgent", onBusy: "pre-empt" }),
    ];
    const w = new World(applicationOf(flows), world);
    w.event("Calm");
    w.event("Calm");
    w.event("Urgent");
    expect(waits(w)[0]).toBe(
      'Run c1-3 of flow "calm" is suspended while the urgent run c3-12 of flow "urgent" runs; it must end by 2030-01-01T00:00:48.000Z.',
    );
    expect(waits(w)[1]).toBe("plan dispatches a as soon as its run resumes.");
    expect(waits(w)[2]).toMatch(
      /^Run c2-\d+ of flow "calm" is queued \(queue\) behind c1-3 of "calm", c3-12 of "urgent"\.$/,
    );
  });

  it("include a predecessor's number", () => {
    const w = new World(applicationOf([flowOf(step("a"))]), world);
    w.event("Asked", {}, { ordinal: 2 });
    expect(waits(w)).toEqual(["Asked, number 2 of test, waits for number 1 until 2030-01-01T00:00:30.000Z."]);
  });

  it("include a branch that may finish, or nothing", () => {
    const w = running(
      parallel({ branches: { x: step("a"), y: step("b") }, join: { type: "any" }, losers: "finish" }),
      { world },
    );
    w.answer("a", 1);
    expect(waits(w)).toContain("plan is done; its branches y may finish.");
    w.answer("b", 1);
    expect(waits(w)).toEqual(["Nothing is in progress."]);
    w.stop();
    expect(waits(w)).toEqual(["The session was stopped."]);
  });
});
