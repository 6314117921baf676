import { describe, expect, it } from "vitest";
import { axisBySequence, axisByTime, firstAt, STEP, within } from "#console/model/axis.ts";
import { lanesOf } from "#console/model/lanes.ts";
import { MOST_DRAWN, visibleIn } from "#console/model/visible.ts";
import { longOutline, outlines } from "./support/outlines.ts";

const task = { task: "t", run: "r" };

describe("swim lanes", () => {
  const events = outlines(
    { type: "InputAccepted" },
    { type: "RunQueued", run: "r", name: "visit" },
    { type: "RunStarted", run: "r" },
    { type: "TaskCreated", ...task, agent: "calendar", step: "plan/0" },
    { type: "AttemptDispatched", ...task, attempt: 1, agent: "calendar", cause: 1 },
    { type: "AttemptFailed", ...task, attempt: 1 },
    { type: "RetryScheduled", ...task },
    { type: "AttemptDispatched", ...task, attempt: 2, agent: "calendar", cause: 6 },
    { type: "AnswerApplied", ...task, attempt: 2 },
    { type: "HumanAsked", run: "r", step: "plan/1", ask: "a", cause: 9 },
  );

  it("tell queued, running and waiting for a person apart", () => {
    const bars = lanesOf(events).bars.map(({ kind, outcome, lane, from, to }) => ({
      kind,
      outcome,
      lane,
      from,
      to,
    }));
    expect(bars).toEqual([
      { kind: "queued", outcome: "applied", lane: "spine", from: 2, to: 3 },
      { kind: "running", outcome: "failed", lane: "agent calendar", from: 5, to: 6 },
      { kind: "queued", outcome: "applied", lane: "agent calendar", from: 7, to: 8 },
      { kind: "running", outcome: "applied", lane: "agent calendar", from: 8, to: 9 },
      { kind: "asking", outcome: "open", lane: "people", from: 10, to: undefined },
    ]);
  });

  it("show who caused what on another lane", () => {
    expect(
      lanesOf(events).arrows.map(({ from, fromLane, to, toLane }) => [from, fromLane, to, toLane]),
    ).toEqual([
      [1, "producers", 5, "agent calendar"],
      [6, "agent calendar", 8, "agent calendar"],
      [9, "agent calendar", 10, "people"],
    ]);
  });

  it("end with their run", () => {
    const ended = outlines(
      { type: "WaitStarted", run: "r", step: "plan/0", subtype: "Paid" },
      { type: "RunCancelled", run: "r" },
    );
    expect(lanesOf(ended).bars).toMatchObject([{ kind: "waiting", outcome: "stopped", from: 1, to: 2 }]);
  });

  it("stack what happens at the same time, and take a row again when it is free", () => {
    const dispatched = (name: string) => ({ type: "AttemptDispatched", task: name, attempt: 1, agent: "a" });
    const answered = (name: string) => ({ type: "AnswerApplied", task: name, attempt: 1 });
    const lanes = lanesOf(
      outlines(dispatched("x"), dispatched("y"), answered("x"), dispatched("z"), answered("z")),
    );
    expect(lanes.bars.map(({ row }) => row)).toEqual([0, 1, 0]);
    expect(lanes.lanes).toMatchObject([{ id: "agent a", rows: 2 }]);
  });

  it("give a fallback's agent the attempts that are its own", () => {
    const lanes = lanesOf(
      outlines(
        { type: "AttemptDispatched", task: "t", attempt: 1, agent: "first" },
        { type: "AttemptTimedOut", task: "t", attempt: 1 },
        { type: "AttemptDispatched", task: "t", attempt: 2, agent: "second" },
        { type: "AnswerApplied", task: "t", attempt: 2 },
      ),
    );
    expect(lanes.laneOf).toEqual(["agent first", "agent first", "agent second", "agent second"]);
  });
});

describe("a fork's lanes", () => {
  const forked = {
    ...{ origin: "a", at: 9 },
    runs: [
      {
        ...{ run: "r", name: "visit", flow: "h" },
        steps: [
          { step: "plan/0", status: "open" },
          { step: "plan/1", status: "open", event: "Paid" },
          { step: "plan/2", status: "open", ask: "q" },
          { step: "plan/3", status: "done" },
        ],
      },
    ],
    tasks: [{ task: "t", run: "r", step: "plan/0/price", agent: "quotes" }],
  };
  const events = outlines(
    { type: "SessionForked", forked, source: "console" },
    { type: "RunCarried", run: "r" },
    { type: "OutcomeReused", task: "t", from: 12 },
    { type: "WaitSatisfied", run: "r", step: "plan/1" },
    { type: "TaskCreated", task: "u", run: "r", step: "plan/4", agent: "writer" },
    { type: "OutcomeReused", task: "u", from: 14 },
  );

  it("have what its origin had open, and outcomes that are reused in the lane of who made them", () => {
    const { bars, laneOf } = lanesOf(events);
    expect(laneOf).toEqual(["producers", "spine", "agent quotes", "spine", "agent writer", "agent writer"]);
    expect(
      bars.map(({ kind, outcome, lane, from, to, label }) => [kind, outcome, lane, from, to, label]),
    ).toEqual([
      ["reused", "applied", "agent quotes", 1, 3, "price"],
      ["waiting", "applied", "spine", 1, 4, "Paid"],
      ["asking", "open", "people", 1, undefined, "2"],
      ["reused", "applied", "agent writer", 5, 6, "4"],
    ]);
  });
});

describe("a signal", () => {
  it("is the producers', with an arrow to each agent that it reaches", () => {
    const { laneOf, arrows } = lanesOf(
      outlines(
        { type: "TaskCreated", ...task, agent: "calendar", step: "plan/0" },
        { type: "TaskCreated", task: "u", run: "r", agent: "calendar", step: "plan/1" },
        { type: "TaskSignalled", told: ["t", "u"] },
        { type: "SignalIgnored" },
      ),
    );
    expect(laneOf.slice(2)).toEqual(["producers", "producers"]);
    expect(arrows).toEqual([{ from: 3, fromLane: "producers", to: 3, toLane: "agent calendar" }]);
  });
});

describe("the axis", () => {
  it("by sequence has every event as far from the next", () => {
    const { xs } = axisBySequence(3);
    expect((xs[1] ?? 0) - (xs[0] ?? 0)).toBe(STEP);
    expect((xs[2] ?? 0) - (xs[1] ?? 0)).toBe(STEP);
  });

  it("by time folds pauses, says how long they were, and keeps the order", () => {
    const times = [0, 100, 200, 300, 7_200_300, 7_200_400];
    const { xs, folds } = axisByTime(times);
    expect(folds.map(({ ms }) => ms)).toEqual([7_200_000]);
    expect(xs).toEqual(xs.toSorted((one, other) => one - other));
    expect((xs[2] ?? 0) - (xs[1] ?? 0)).toBeCloseTo((xs[5] ?? 0) - (xs[4] ?? 0));
  });

  it("by time has a position for events that came at once, and for one alone", () => {
    expect(axisByTime([5, 5, 5]).xs).toHaveLength(3);
    expect(axisByTime([5, 5, 5]).xs.every(Number.isFinite)).toBe(true);
    expect(axisByTime([]).xs).toEqual([]);
  });

  it("finds what lies between two positions", () => {
    const axis = axisBySequence(100);
    expect(firstAt(axis.xs, axis.xs[40] ?? 0)).toBe(40);
    expect(within(axis, axis.xs[40] ?? 0, axis.xs[50] ?? 0)).toEqual({ from: 39, to: 51 });
    expect(within(axis, -500, 1e6)).toEqual({ from: 0, to: 100 });
  });
});

describe("a window onto ten thousand events", () => {
  const events = longOutline(10_000);
  const lanes = lanesOf(events);

  it.each([
    ["by sequence", axisBySequence(events.length)],
    ["by time", axisByTime(events.map(({ at }) => at))],
    ["by time, all at once", axisByTime(events.map(() => 0))],
  ])("%s draws few things wherever it is, and says what it leaves out", (_, axis) => {
    for (const left of [0, axis.width / 3, axis.width - 900]) {
      const { bars, marks, arrows, left: rest } = visibleIn(lanes, axis, { left, width: 900, first: 1 });
      expect(Math.max(bars.length, marks.length, arrows.length)).toBeLessThanOrEqual(MOST_DRAWN);
      const counted = marks.reduce((sum, { count }) => sum + count, 0);
      const { from, to } = within(axis, left, left + 900);
      expect(counted).toBe(to - from);
      expect(rest).toBeGreaterThanOrEqual(0);
    }
  });

  it("says how many bars it leaves out", () => {
    const axis = axisByTime(events.map(() => 0));
    const { bars, left } = visibleIn({ ...lanes, arrows: [] }, axis, { left: 0, width: 900, first: 1 });
    expect(bars.length + left).toBe(lanes.bars.length);
  });
});
