import { describe, expect, it } from "vitest";
import { emit, human, map, parallel, reply, sequence, step, subFlow, waitFor } from "#core/flow/build.ts";
import type { FlowDefinition, PlanNode } from "#core/flow/plan.ts";
import { verifyReplay } from "#core/session/replay.ts";
import { dataOf, World, type WorldOptions } from "#testing/given-when-then.ts";
import { applicationOf, flowOf, isDone, running, typesOf } from "./sample.ts";

const dispositions = (w: World) => dataOf(w.events(), "InputAccepted").map(({ disposition }) => disposition);
const world = (flows: readonly FlowDefinition[], options: WorldOptions = {}) =>
  new World(applicationOf(flows), options);

/** Each parcel is booked by an agent, then paid. */
const PARCEL = flowOf(
  sequence(
    step("a"),
    waitFor("ParcelPaid", { if: "event.parcel == input.parcel", into: "paid" }),
    reply("paid"),
  ),
  { name: "parcel", on: "ParcelBooked" },
);

describe("an event that no step waits for yet", () => {
  it("is kept for the run whose plan waits for it later, even when that run is queued", () => {
    const w = world([PARCEL]);
    w.event("ParcelBooked", { parcel: 1 });
    w.event("ParcelBooked", { parcel: 2 });
    w.answer("a", "booked 1");
    w.event("ParcelPaid", { parcel: 2 });
    w.event("ParcelPaid", { parcel: 1 });
    w.answer("a", "booked 2");
    expect(dispositions(w)).toEqual(["triggers", "triggers", "kept", "awaited"]);
    expect(w.replies).toEqual([{ parcel: 1 }, { parcel: 2 }]);
    expect(isDone(w)).toBe(true);
    expect(w.state.kept).toBeUndefined();
  });

  it("is taken when it arrives during the step before its wait", () => {
    const w = running(sequence(step("a"), waitFor("Paid", { into: "paid" }), reply("paid")));
    const { types } = w.event("Paid", { amount: 3 });
    expect(types).toEqual(["InputAccepted", "EventKept"]);
    const then = w.answer("a", 1);
    expect(then.types.slice(0, 4)).toEqual([
      "AnswerApplied",
      "WaitStarted",
      "WaitSatisfied",
      "KeptEventTaken",
    ]);
    expect(w.replies).toEqual([{ amount: 3 }]);
  });

  it("reaches the fifth item of a map with four at once", () => {
    const w = running(
      map({ over: "input.parcels", each: waitFor("Paid", { if: "event.parcel == item.value" }) }),
      { data: { parcels: [1, 2, 3, 4, 5] } },
    );
    for (const parcel of [5, 4, 3, 2, 1]) w.event("Paid", { parcel });
    expect(dispositions(w)).toEqual(["triggers", "kept", "awaited", "awaited", "awaited", "awaited"]);
    expect(isDone(w)).toBe(true);
  });

  it.each<[string, PlanNode]>([
    ["before its own wait", sequence(emit("Paid", "7"), waitFor("Paid", { into: "paid" }), reply("paid"))],
    [
      "in a branch written after the wait",
      sequence(
        parallel({ branches: { w: waitFor("Paid", { into: "paid" }), e: emit("Paid", "7") } }),
        reply("paid"),
      ),
    ],
    [
      "in a branch written before the wait",
      sequence(
        parallel({ branches: { e: emit("Paid", "7"), w: waitFor("Paid", { into: "paid" }) } }),
        reply("paid"),
      ),
    ],
    [
      "whatever the branches' names",
      sequence(
        parallel({ branches: { a: waitFor("Paid", { into: "paid" }), b: emit("Paid", "7") } }),
        reply("paid"),
      ),
    ],
  ])("is taken by the run that emits it %s", (_, plan) => {
    const w = running(plan);
    expect(w.replies).toEqual([7]);
    expect(isDone(w)).toBe(true);
    expect(dataOf(w.events(), "EventEmitted")[0]?.disposition).toMatch(/^(kept|awaited)$/);
  });

  it("is found by a wait of a sub-flow, and of the branch that a choice took", () => {
    const part = flowOf(waitFor("Paid", { into: "paid" }), { name: "part", on: "PartAsked" });
    const w = world([flowOf(sequence(step("a"), subFlow("part"), reply("paid"))), part]);
    w.event("Asked");
    w.event("Paid", 1);
    w.answer("a", 1);
    expect(w.replies).toEqual([1]);
  });

  it("goes to one wait after the other, oldest event first", () => {
    const w = running(
      sequence(
        step("a"),
        waitFor("Paid", { into: "one" }),
        waitFor("Paid", { into: "two" }),
        reply("[one, two]"),
      ),
    );
    w.event("Paid", 1);
    w.event("Paid", 2);
    w.answer("a", 1);
    expect(w.replies).toEqual([[1, 2]]);
  });

  it("goes to all waits of a run that open together, like an event that arrives then", () => {
    const w = running(
      sequence(
        step("a"),
        parallel({ branches: { l: waitFor("Paid", { into: "one" }), r: waitFor("Paid", { into: "two" }) } }),
        reply("[one, two]"),
      ),
    );
    w.event("Paid", 1);
    w.answer("a", 1);
    expect(w.replies).toEqual([[1, 1]]);
  });

  it("goes to the earliest run, and a queued run does not get it again", () => {
    const flow = flowOf(sequence(step("a"), waitFor("Paid", { into: "paid" }), reply("paid")));
    const w = world([flow]);
    w.event("Asked");
    w.event("Asked");
    w.event("Paid", "first");
    w.answer("a", 1);
    w.answer("a", 2);
    expect(w.replies).toEqual(["first"]);
    w.event("Paid", "second");
    expect(w.replies).toEqual(["first", "second"]);
  });

  it("is never given to a run that was queued after it", () => {
    const flow = flowOf(sequence(step("a"), waitFor("Paid", { into: "paid" })));
    const w = world([flow]);
    w.event("Asked");
    w.event("Paid", 1);
    w.event("Asked");
    w.answer("a", 1);
    w.answer("a", 2);
    expect(w.state.tasks).toEqual({});
    expect(isDone(w)).toBe(false);
  });

  it("is not kept when a step took it or it started a flow", () => {
    const waiting = flowOf(sequence(waitFor("Paid"), step("a"), waitFor("Paid")));
    const started = flowOf(step("b"), { name: "other", on: "Due", onBusy: "parallel" });
    const late = flowOf(sequence(step("c"), waitFor("Due")), {
      name: "late",
      on: "LateAsked",
      onBusy: "parallel",
    });
    const w = world([waiting, started, late]);
    w.event("Asked");
    w.event("LateAsked");
    w.event("Paid");
    w.event("Due");
    expect(dispositions(w)).toEqual(["triggers", "triggers", "awaited", "triggers"]);
    expect(w.state.kept).toBeUndefined();
  });

  it("is ignored when no plan waits for it any more", () => {
    const w = running(sequence(waitFor("Paid"), step("a")));
    w.event("Paid");
    w.event("Paid");
    expect(dispositions(w)).toEqual(["triggers", "awaited", "ignored"]);
  });

  it("is also kept when it is a numbered event, once it is released", () => {
    const w = running(sequence(step("a"), waitFor("Paid", { into: "paid" }), reply("paid")));
    expect(w.event("Paid", "second", { ordinal: 2 }).verdicts).toMatchObject([{ disposition: "held" }]);
    w.event("Paid", "first", { ordinal: 1 });
    expect(dataOf(w.events(), "InputReleased")[0]?.disposition).toBe("kept");
    w.answer("a", 1);
    expect(w.replies).toEqual(["first"]);
    expect(dataOf(w.events(), "KeptEventDropped")).toHaveLength(1);
  });
});

describe("the condition of a wait", () => {
  const plan = sequence(
    step("a"),
    waitFor("Paid", { if: "event.amount >= a.price", into: "paid" }),
    step("b"),
  );

  it("is evaluated when the wait opens, and the log records why it did not hold", () => {
    const w = running(plan);
    w.event("Paid", { amount: 5 });
    w.event("Paid", { amount: 12 });
    w.event("Paid", {});
    w.answer("a", { price: 10 });
    expect(w.own("paid")).toEqual({ amount: 12 });
    expect(dataOf(w.events(), "KeptEventPassed")).toMatchObject([
      { waits: 1, passed: [{ step: "plan/1", reason: "event.amount >= a.price does not hold" }] },
    ]);
    w.answer("b", 1);
    expect(dataOf(w.events(), "KeptEventDropped")).toMatchObject([{ type: "Paid" }, { type: "Paid" }]);
  });

  it("is reported with the reason when it cannot be evaluated", () => {
    const w = running(plan);
    w.event("Paid", {});
    w.answer("a", { price: 10 });
    const [passed] = dataOf(w.events(), "KeptEventPassed");
    expect(passed?.passed[0]?.reason).toMatch(/^event.amount >= a.price: .*amount/);
    w.event("Paid", { amount: "much" });
    expect(dataOf(w.events(), "InputAccepted").at(-1)).toMatchObject({ disposition: "ignored" });
    expect(dataOf(w.events(), "InputAccepted").at(-1)?.errors?.[0]).toMatch(
      /plan\/1: event.amount >= a.price: /,
    );
  });

  it("of a trigger is reported with the reason when it cannot be evaluated", () => {
    const w = world([flowOf(step("a"), { if: "event.vip" })]);
    w.event("Asked", {});
    expect(dataOf(w.events(), "InputAccepted")[0]?.errors?.[0]).toMatch(/^visit: event.vip: /);
  });
});

describe("a kept event that no wait takes", () => {
  it("ends in a recorded fact when the last run that might have taken it has ended", () => {
    const w = running(sequence(step("a"), waitFor("Paid", { if: "event == 2" })));
    w.event("Paid", 1);
    expect(w.fail("a").types).toContain("KeptEventDropped");
    expect(w.state.kept).toBeUndefined();
  });

  it("also ends that way when an operator stops the session", () => {
    const w = running(sequence(human({ ask: "Well?" }), waitFor("Paid")));
    w.event("Paid", 1);
    expect(w.stop().types).toContain("KeptEventDropped");
  });
});

describe("the events kept for a run", () => {
  const plan = sequence(step("a"), waitFor("Paid"));

  it("are at most 16; one more is rejected, with the reason", () => {
    const w = running(plan);
    for (let n = 0; n < 16; n += 1)
      expect(w.event("Paid", n).verdicts[0]).toMatchObject({ disposition: "kept" });
    const [verdict] = w.event("Paid", 16).verdicts;
    expect(verdict).toMatchObject({ type: "committed", disposition: "rejected" });
    expect(verdict).toMatchObject({ reason: expect.stringContaining("16 events are kept for it already") });
    expect(w.state.kept).toHaveLength(16);
  });

  it("are at most 64 kB; an event beyond that is rejected, while a smaller one is still kept", () => {
    const w = running(plan);
    expect(w.event("Paid", "x".repeat(60_000)).verdicts[0]).toMatchObject({ disposition: "kept" });
    expect(w.event("Paid", "x".repeat(5_000)).verdicts[0]).toMatchObject({ disposition: "rejected" });
    expect(w.event("Paid", "x".repeat(3_000)).verdicts[0]).toMatchObject({ disposition: "kept" });
  });

  it("do not keep an event from another run that has room for it", () => {
    const w = world([flowOf(plan)]);
    w.event("Asked");
    for (let n = 0; n < 16; n += 1) w.event("Paid", n);
    w.event("Asked");
    expect(w.event("Paid", 16).verdicts[0]).toMatchObject({ disposition: "kept" });
    expect(dataOf(w.events(), "EventKept").at(-1)).toMatchObject({
      runs: [expect.any(String)],
      full: [expect.any(String)],
    });
  });

  it("count towards the context's limit", () => {
    const w = running(plan, { world: { limits: { contextBytes: 1_000 } } });
    expect(() => w.event("Paid", "x".repeat(2_000))).toThrow(/context/);
  });
});

describe("concurrent runs", () => {
  const flow = (take: { readonly take?: "first" }) =>
    flowOf(sequence(step("a"), waitFor("Paid", { into: "paid", ...take }), reply("[input, paid]")), {
      onBusy: "parallel",
    });
  const both = (w: World) => {
    w.event("Asked", 1);
    w.event("Asked", 2);
  };

  it("all take one event, whether it is kept or not", () => {
    const kept = world([flow({})]);
    both(kept);
    kept.event("Paid", "money");
    kept.answer("a", 1);
    kept.answer("a", 2);
    expect(kept.replies).toEqual([
      [1, "money"],
      [2, "money"],
    ]);
    expect(kept.state.kept).toBeUndefined();
    const open = world([flow({})]);
    both(open);
    open.answer("a", 1);
    open.answer("a", 2);
    open.event("Paid", "money");
    expect(open.replies).toEqual(kept.replies);
  });

  it('take it once where their waits say `take: "first"`, the earliest run first', () => {
    const open = world([flow({ take: "first" })]);
    both(open);
    open.answer("a", 1);
    open.answer("a", 2);
    open.event("Paid", "money");
    expect(open.replies).toEqual([[1, "money"]]);
    open.event("Paid", "more");
    expect(open.replies).toEqual([
      [1, "money"],
      [2, "more"],
    ]);
  });

  it("take a kept one once, too", () => {
    const w = world([flow({ take: "first" })]);
    both(w);
    w.event("Paid", "money");
    w.answer("a", 1);
    w.answer("a", 2);
    expect(w.replies).toEqual([[1, "money"]]);
    w.event("Paid", "more");
    expect(w.replies).toEqual([
      [1, "money"],
      [2, "more"],
    ]);
  });
});

describe("form 1", () => {
  it("ignores an event that no wait takes at once, as before", () => {
    const w = running(sequence(step("a"), waitFor("Paid")), { world: { form: 1 } });
    w.event("Paid");
    expect(dispositions(w)).toEqual(["triggers", "ignored"]);
    expect(typesOf(w)).not.toContain("EventKept");
  });

  it("is decided again as before", () => {
    const w = world([PARCEL]);
    w.event("ParcelBooked", { parcel: 1 });
    w.event("ParcelBooked", { parcel: 2 });
    w.event("ParcelPaid", { parcel: 2 });
    w.event("ParcelPaid", { parcel: 1 });
    w.answer("a", 1);
    w.answer("a", 2);
    expect(verifyReplay(w.commits, w.application)).toBeUndefined();
    expect(w.replies).toEqual([{ parcel: 1 }, { parcel: 2 }]);
  });
});
