import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sequence, step, waitFor } from "#core/flow/build.ts";
import type { OnBusy } from "#core/flow/plan.ts";
import { OLDEST_FORM } from "#core/session/commit.ts";
import { dataOf, World, type WorldOptions } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, isDone } from "./sample.ts";

const plan = sequence(step("a"), waitFor("Paid"));

function session(options: WorldOptions = {}, onBusy: OnBusy = "queue"): World {
  return new World(applicationOf([flowOf(plan, { onBusy })], [agent("a")]), options);
}

/** What each reply answers, and the code that it fails with. */
const replies = (w: World) =>
  dataOf(w.events(), "ReplySent").map(({ to, body, failed }) => [
    to,
    failed === true && typeof body === "object" && body !== null && "code" in body ? body.code : "ok",
  ]);

/** Sequences of the events that somebody was told are taken and start a run, or will. */
const asked = (w: World): readonly number[] =>
  w.events().flatMap((event) => {
    if (event.type === "InputHeld") return [event.sequence];
    return event.type === "InputAccepted" && event.data.disposition === "triggers" ? [event.sequence] : [];
  });

describe("the caller of a run that never started gets a reply", () => {
  it("when an operator cancels it while it is queued", () => {
    const w = session();
    w.event("Asked");
    const second = w.event("Asked").events[0]?.sequence;
    const [, waiting] = Object.values(w.state.runs);
    w.send({
      kind: "command",
      source: "op",
      id: "c1",
      hash: "h",
      correlation: "c1",
      command: { type: "cancel", run: waiting?.id ?? w.order("a").run, reason: "not wanted" },
    });
    expect(replies(w)).toEqual([[second, "run.cancelled"]]);
    expect(dataOf(w.events(), "ReplySent")).toMatchObject([
      { run: waiting?.id, body: { message: "not wanted" } },
    ]);
  });

  it("when the session is stopped, for active runs, queued runs and held numbers alike", () => {
    const w = session();
    w.event("Asked");
    w.event("Asked");
    w.event("Asked", {}, { ordinal: 2 });
    w.event("Asked", {}, { ordinal: 4 });
    w.stop("closing time");
    const [first, second, held, heldToo] = asked(w);
    expect(replies(w)).toEqual([
      [first, "run.cancelled"],
      [second, "run.cancelled"],
      [held, "session.stopped"],
      [heldToo, "session.stopped"],
    ]);
    expect(w.state.status).toBe("stopped");
  });

  it("when the session times out", () => {
    const w = session();
    w.event("Asked", {}, { constraints: { budget: { sessionMs: 60_000 } } });
    w.event("Asked");
    w.answer("a", 1);
    w.event("Asked", {}, { ordinal: 9 });
    while (w.state.status !== "stopped") w.deadline();
    expect(replies(w)).toEqual(asked(w).map((sequence) => [sequence, "session.timeout"]));
  });

  it("when a newer run replaces it", () => {
    const w = session({}, "restart");
    w.event("Asked");
    w.event("Asked");
    w.event("Asked");
    expect(replies(w).slice(0, 2)).toEqual(
      asked(w)
        .slice(0, 2)
        .map((sequence) => [sequence, "run.cancelled"]),
    );
  });

  it("when its number's turn comes and its flow rejects it", () => {
    const w = session({}, "reject");
    w.event("Asked", {}, { ordinal: 2 });
    w.event("Asked", {}, { ordinal: 1 });
    expect(replies(w)).toEqual([[asked(w)[0], "input.rejected"]]);
  });

  it("but not under form 1, which older versions could not read", () => {
    const w = session({ form: OLDEST_FORM });
    w.event("Asked");
    w.event("Asked");
    w.event("Asked", {}, { ordinal: 2 });
    w.stop();
    expect(replies(w)).toEqual([[asked(w)[0], "run.cancelled"]]);
    expect(w.state.form).toBeUndefined();
  });
});

it("every event that was accepted to start a run has exactly one reply when the session is over", () => {
  const move = fc.oneof(
    fc.record({
      type: fc.constant("ask" as const),
      ordinal: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    }),
    fc.record({ type: fc.constantFrom("answer" as const, "pay" as const, "late" as const) }),
  );
  fc.assert(
    fc.property(
      fc.array(move, { maxLength: 12 }),
      fc.constantFrom<OnBusy>("queue", "restart", "parallel", "pre-empt"),
      (moves, onBusy) => {
        const w = session({}, onBusy);
        w.event("Asked");
        for (const one of moves) {
          if (one.type === "ask")
            w.event("Asked", {}, one.ordinal === undefined ? {} : { ordinal: one.ordinal });
          else if (one.type === "pay") w.event("Paid");
          else if (one.type === "late") w.wait(3_000);
          else if (w.orders.length > 0 && !isDone(w)) w.answer("a", 1);
        }
        w.stop();
        const told = replies(w).map(([to]) => to);
        expect([...told].sort()).toEqual([...asked(w)].sort());
      },
    ),
    { numRuns: 150, seed: 5 },
  );
});
