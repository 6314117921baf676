import { describe, expect, it } from "vitest";
import { choice, fallback, parallel, sequence, step, transform, waitFor } from "#core/flow/build.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { withFlows } from "#core/session/stored-flows.ts";
import { createTeller, type TimedEvent } from "#client/narration/tell.ts";
import { timedEvents } from "#client/narration/timeline.ts";
import type { World } from "#testing/given-when-then.ts";
import { agent, running } from "../session/sample.ts";

/** What is told of a session, by the event that it is told of. */
function told(w: World) {
  const tell = createTeller();
  return timedEvents(w.commits.map((commit) => withFlows(commit, w.application.flows))).flatMap((timed) => {
    const fact = tell(timed);
    return fact === undefined ? [] : [{ ...fact, sequence: timed.event.sequence }];
  });
}

/** Why the last commit decided as it did: who and what of each event that was no plain progress. */
function reasons(w: World): readonly string[] {
  const first = w.commits.at(-1)?.events[0]?.sequence ?? 0;
  return told(w)
    .filter(({ sequence: at, kind }) => at >= first && kind !== undefined && kind !== "reply")
    .map(({ who, what }) => `${who}: ${what}`);
}

describe("an event in words", () => {
  it("names a choice's condition and the values it read", () => {
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
    w.answer("a", { n: 3 }, { confidence: 0.25 });
    expect(reasons(w)[0]).toMatch(
      /^spine: chooses when\/1 of plan\/1: a\.n > 2 && confidence\.a < 0\.5 \(a\.n is 3 and confidence\.a is 0\.25\); not evaluated: a\.missing > 1: ./,
    );
    const other = running(plan);
    other.answer("a", { n: 1, missing: 0 }, { confidence: 1 });
    expect(reasons(other)).toEqual([
      "spine: chooses otherwise of plan/1: no condition holds (a.missing is 0, a.n is 1 and confidence.a is 1)",
    ]);
  });

  it("names the paths that changed under a stale result", () => {
    const w = running(
      parallel({ branches: { x: step("a"), y: sequence(waitFor("Noted"), transform({ "note.n": "1" })) } }),
      { agents: [agent("a", { reads: ["note.n"] })] },
    );
    w.event("Noted");
    w.answer("a", 1);
    expect(reasons(w)).toEqual([
      "a: its answer is stale, since note.n changed after its view: it runs again",
    ]);
  });

  it("names the reason for a fallback, whichever commit it stands in", () => {
    const w = running(sequence(step("a"), step("b", { fallback: [fallback.agent("c"), fallback.value(0)] })));
    w.breakers = { b: "open" };
    w.answer("a", 1);
    expect(reasons(w)).toEqual([
      "spine: does not call b: its circuit breaker is open",
      "spine: falls back for b: c, since its circuit breaker is open",
    ]);
    w.deadline();
    expect(reasons(w)).toEqual([
      "c: times out",
      "spine: falls back for c: value, since it gave no answer in time",
    ]);
  });

  it("says of every end that is not plain success why it came", () => {
    const w = running(sequence(step("a"), step("b")), { onBusy: "reject" });
    w.event("Asked");
    expect(reasons(w).at(-1)).toBe("spine: does not start visit: the session is busy");
    w.event("Other");
    expect(reasons(w).join()).toMatch(
      /: Other .*\(ignored: no step waits for it, and no flow's condition holds\)$/,
    );
    w.fail("a");
    expect(reasons(w)).toEqual([
      "a: fails: a failed (agent.failed)",
      "spine: a failed for good: a failed (agent.failed)",
      expect.stringMatching(/^spine: replies to 1: .*failed/),
      "spine: visit failed: a failed (agent.failed)",
    ]);
  });

  it("says that messages are sealed or erased, and never quotes their markers", () => {
    const { commits } = running(step("a"));
    const [first] = timedEvents(commits);
    const why = (message: unknown) => {
      const error = { code: "agent.failed", message };
      const event = { type: "InputQuarantined", sequence: 1, data: { source: "shop", id: "o1", error } };
      // As an event is read from a log whose values cannot be opened.
      const timed = { ...first, event: event as unknown as RecordedEvent } as TimedEvent;
      return createTeller()(timed)?.what;
    };
    expect(why({ $sealed: "2.abc" })).toBe("quarantines o1 of shop: (sealed) (agent.failed)");
    expect(why({ $erased: true })).toBe("quarantines o1 of shop: (erased) (agent.failed)");
  });

  it("names the paths that a run writes as its flow does", () => {
    const w = running(sequence(step("a"), transform({ "order.total": "input.n" })), { data: { n: 1 } });
    w.answer("a", 1);
    expect(told(w).map(({ what }) => what)).toContain("sets order.total to 1");
  });

  it("reports the effects that a run has not undone", () => {
    const book = agent("book", { effect: "once" });
    const w = running(sequence(step("book"), step("b")), { agents: [book] });
    w.claim("book");
    w.answer("book", "room 12");
    w.fail("b");
    expect(reasons(w).at(-1)).toMatch(/^spine: visit failed: .*; book stands$/);
  });
});
