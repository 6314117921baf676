import { describe, expect, it } from "vitest";
import { choice, fallback, human, parallel, sequence, step, transform, waitFor } from "#core/flow/build.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { explainEvents } from "#core/session/explain-events.ts";
import { explain } from "#core/session/explain.ts";
import { World } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, running } from "./sample.ts";

const START = Date.parse("2030-01-01T00:00:00.000Z");
const world = { startAt: START };
const waits = (w: World) => explain(w.state, w.application);

describe("what a session waits for", () => {
  it("is an answer, a person and an event, each until a time", () => {
    const branches = {
      x: step("a"),
      y: human({ ask: "Well?", timeoutMs: 60_000 }),
      z: waitFor("Paid", { if: "event.ok", timeoutMs: 5_000 }),
    };
    const w = running(parallel({ branches, timeoutMs: 90_000 }), { world });
    expect(waits(w)).toEqual([
      'Run c1-3 of flow "visit" is under way; it must end by 2030-01-01T00:01:00.000Z.',
      "plan/x waits for the answer of a (attempt 1) until 2030-01-01T00:00:12.000Z.",
      "plan must be done by 2030-01-01T00:01:30.000Z.",
      'plan/y waits for a person to answer "Well?" (ask c1-8) until 2030-01-01T00:01:00.000Z.',
      "plan/z waits for the event Paid with event.ok until 2030-01-01T00:00:05.000Z.",
    ]);
  });

  it("is a pause, a claimed effect, or a person in an agent's place", () => {
    const patient = agent("a", { retries: { max: 1, backoffMs: 1_000 }, effect: "once" });
    const w = running(step("a", { fallback: fallback.human({ ask: "What now?", timeoutMs: 1_000 }) }), {
      world,
      agents: [patient],
    });
    w.fail("a");
    expect(waits(w)[1]).toMatch(/^plan tries a again \(attempt 2\) at 2030-01-01T00:00:0[01]\.\d{3}Z\.$/);
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

  it("is a turn in the queue, or the end of an urgent run", () => {
    const flows = [
      flowOf(step("a"), { name: "calm", on: "Calm" }),
      flowOf(step("b"), { name: "urgent", on: "Urgent", onBusy: "pre-empt" }),
    ];
    const w = new World(applicationOf(flows), world);
    w.event("Calm");
    w.event("Calm");
    w.event("Urgent");
    expect(waits(w)[0]).toBe(
      'Run c1-3 of flow "calm" stands still while the urgent run c3-12 of flow "urgent" runs; it must end by 2030-01-01T00:00:48.000Z.',
    );
    expect(waits(w)[1]).toBe("plan dispatches a as soon as its run goes on.");
    expect(waits(w)[2]).toMatch(
      /^Run c2-\d+ of flow "calm" waits for its turn \(queue\), behind c1-3 of "calm", c3-12 of "urgent"\.$/,
    );
  });

  it("is a predecessor's number", () => {
    const w = new World(applicationOf([flowOf(step("a"))]), world);
    w.event("Asked", {}, { ordinal: 2 });
    expect(waits(w)).toEqual(["Asked, number 2 of test, waits for number 1 until 2030-01-01T00:00:30.000Z."]);
  });

  it("is a branch that was left to finish, or nothing", () => {
    const w = running(
      parallel({ branches: { x: step("a"), y: step("b") }, join: { type: "any" }, losers: "finish" }),
      { world },
    );
    w.answer("a", 1);
    expect(waits(w)).toContain("plan is done; its branches y may finish.");
    w.answer("b", 1);
    expect(waits(w)).toEqual(["Nothing is under way."]);
    w.stop();
    expect(waits(w)).toEqual(["The session was stopped."]);
  });
});

describe("why it was decided so", () => {
  it("names a choice's condition and the values that it saw", () => {
    const plan = sequence(
      step("a"),
      choice({
        when: [
          { if: "a.missing > 1", then: step("b") },
          { if: "a.n > 2 && confidence.a < 0.5", then: step("c") },
        ],
        otherwise: step("d"),
      }),
    );
    const w = running(plan);
    const taken = explainEvents(w.answer("a", { n: 3 }, { confidence: 0.25 }).events);
    expect(taken[0]).toMatch(
      /^plan\/1 took when\/1: a\.n > 2 && confidence\.a < 0\.5 holds \(a\.n = 3, confidence\.a = 0\.25\); a\.missing > 1: .+\.$/,
    );
    const other = running(plan);
    expect(explainEvents(other.answer("a", { n: 1, missing: 0 }, { confidence: 1 }).events)).toEqual([
      "plan/1 took otherwise: no condition holds (a.missing = 0, a.n = 1, confidence.a = 1).",
    ]);
  });

  it("names the paths that changed under a stale result", () => {
    const w = running(
      parallel({ branches: { x: step("a"), y: sequence(waitFor("Noted"), transform({ "note.n": "1" })) } }),
      { agents: [agent("a", { reads: ["note.n"] })] },
    );
    w.event("Noted");
    const { task } = w.order("a");
    expect(explainEvents(w.answer("a", 1).events)).toEqual([
      `The result of task ${task} (attempt 1) is stale since note.n changed after its view: it runs again.`,
    ]);
  });

  it("names the reason for a fallback", () => {
    const w = running(sequence(step("a"), step("b", { fallback: [fallback.agent("c"), fallback.value(0)] })));
    w.breakers = { b: "open" };
    expect(explainEvents(w.answer("a", 1).events)).toEqual([
      "b is replaced (agent c): its circuit breaker is open.",
    ]);
    expect(explainEvents(w.deadline().events)).toContain(
      `task ${w.order("c").task} is replaced (value): it gave no answer in time.`,
    );
  });

  it("has a sentence for every end that is not plain success", () => {
    const w = running(sequence(step("a"), step("b")), { onBusy: "reject" });
    expect(explainEvents(w.event("Asked").events)).toEqual([
      "A run of visit was rejected: the session is busy.",
    ]);
    expect(explainEvents(w.event("Other").events)).toEqual([
      "Other met no step that waits for it and no flow whose condition holds.",
    ]);
    expect(explainEvents(w.fail("a").events)).toEqual([
      `Attempt 1 of task ${w.order("a").task} failed: agent.failed, a failed`,
      "Run c1-3 failed: agent.failed, a failed",
    ]);
    expect(explainEvents(w.events()).length).toBeGreaterThan(3);
  });

  it("says of words that are sealed or erased that they are, and never quotes what stands for them", () => {
    const error = { code: "agent.failed", message: { $sealed: "2.abc" } };
    const failed = { type: "StepFailed", sequence: 7, data: { run: "r", step: "plan/0", error } };
    const why = (event: unknown) => explainEvents([event as RecordedEvent])[0];
    expect(why(failed)).toBe("plan/0 failed: agent.failed, (sealed)");
    const gone = { ...failed, data: { ...failed.data, error: { ...error, message: { $erased: true } } } };
    expect(why(gone)).toBe("plan/0 failed: agent.failed, (erased)");
  });
});
