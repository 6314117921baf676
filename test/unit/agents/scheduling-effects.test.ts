import { describe, expect, it } from "vitest";
import type { SchedulingView } from "#contracts/scheduling.ts";
import type { Calendar } from "#functions/agents/scheduling/calendar.ts";
import { createMemoryCalendar } from "#functions/agents/scheduling/memory-calendar.ts";
import { arrange } from "#functions/agents/scheduling/scheduling-agent.ts";

const view: SchedulingView = {
  input: { text: "Boiler service on 10 March", receivedAt: "2026-03-02T09:00:00" },
  session: { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02" },
  constraints: { openFrom: "08:00", openUntil: "18:00", closedOn: [0], noticeHours: 4, horizonDays: 30 },
  inquiry: {
    intent: "book",
    confidence: 0.9,
    ambiguous: false,
    slots: { service: "boiler-service", date: { from: "2026-03-10", until: "2026-03-10" } },
  },
};
const asked = (intent: "book" | "cancel" | "reschedule"): SchedulingView => ({
  ...view,
  inquiry: { ...view.inquiry, intent, confidence: 0.9, ambiguous: false, slots: view.inquiry?.slots ?? {} },
});

const gate = () => {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
};

/** A calendar whose first call of one kind does its work at once and lets its caller wait for the answer. */
const stallingAfter = (calendar: Calendar, kind: "free" | "doneUnder" | "book" | "cancel") => {
  const { passed, open } = gate();
  const reached = gate();
  let calls = 0;
  const stalled = async <T>(answer: Promise<T>): Promise<T> => {
    if (calls++ > 0) return answer;
    const value = await answer;
    reached.open();
    await passed;
    return value;
  };
  const slow: Calendar = {
    ...calendar,
    free: (query) => (kind === "free" ? stalled(calendar.free(query)) : calendar.free(query)),
    doneUnder: (key) => (kind === "doneUnder" ? stalled(calendar.doneUnder(key)) : calendar.doneUnder(key)),
    book: (order) => (kind === "book" ? stalled(calendar.book(order)) : calendar.book(order)),
    cancel: (order) => (kind === "cancel" ? stalled(calendar.cancel(order)) : calendar.cancel(order)),
  };
  return { slow, reached: reached.passed, release: open };
};

const attempt = (
  calendar: Calendar,
  context = view,
  idempotencyKey = "task-1",
  signal = new AbortController().signal,
) => arrange({ context, idempotencyKey, signal }, { calendar });

describe("a stalled first attempt and a second one", () => {
  it.each(["doneUnder", "free", "book"] as const)(
    "make one booking when the first stalls in %s",
    async (kind) => {
      const calendar = createMemoryCalendar();
      const { slow, reached, release } = stallingAfter(calendar, kind);
      const first = attempt(slow);
      await reached;
      const second = await attempt(slow);
      release();
      expect(await first).toEqual(second);
      expect(second).toMatchObject({
        outcome: "booked",
        booking: { slot: { date: "2026-03-10", start: "08:00" } },
      });
      expect(calendar.bookings()).toHaveLength(1);
      expect(calendar.doubleEffects()).toEqual([]);
    },
  );

  it("give the same answer when the first took the last free slot", async () => {
    const day = { date: "2026-03-10", crew: "Amber" };
    const calendar = createMemoryCalendar({
      blocked: ["10:00", "13:00", "15:00"].map((start) => ({ ...day, start })),
    });
    const first = await attempt(calendar);
    expect(await attempt(calendar)).toEqual(first);
    expect(first.outcome).toBe("booked");
  });

  it("cancel once, and both say so", async () => {
    const calendar = createMemoryCalendar();
    await attempt(calendar, view, "task-0");
    const { slow, reached, release } = stallingAfter(calendar, "cancel");
    const first = attempt(slow, asked("cancel"));
    await reached;
    const second = await attempt(slow, asked("cancel"));
    release();
    expect(second.outcome).toBe("cancelled");
    expect(await first).toEqual(second);
    expect(calendar.effects().map(({ effect }) => effect.act)).toEqual(["booked", "cancelled"]);
  });

  it("are detected as a double effect in a calendar that ignores keys", async () => {
    const calendar = createMemoryCalendar({ honoursKeys: false });
    const { slow, reached, release } = stallingAfter(calendar, "free");
    const first = attempt(slow);
    await reached;
    await attempt(slow);
    release();
    await first;
    expect(calendar.doubleEffects()).toMatchObject([
      { idempotencyKey: "task-1", effects: [{ act: "booked" }, { act: "booked" }] },
    ]);
  });

  it("change nothing twice even there when the first was aborted in between", async () => {
    const calendar = createMemoryCalendar({ honoursKeys: false });
    const { slow, reached, release } = stallingAfter(calendar, "free");
    const abort = new AbortController();
    const first = attempt(slow, view, "task-1", abort.signal);
    await reached;
    abort.abort();
    await attempt(slow);
    release();
    await expect(first).rejects.toMatchObject({ details: { effect: "not-done" } });
    expect(calendar.doubleEffects()).toEqual([]);
  });
});

describe("two tasks that want the same slot", () => {
  it("get two slots", async () => {
    const calendar = createMemoryCalendar();
    const { slow, reached, release } = stallingAfter(calendar, "free");
    const first = attempt(slow, view, "task-1");
    await reached;
    await attempt(slow, view, "task-2");
    release();
    expect(await first).toMatchObject({ outcome: "booked", booking: { slot: { start: "10:00" } } });
    expect(calendar.bookings().map(({ slot }) => slot.start)).toEqual(["08:00", "10:00"]);
  });
});

describe("a calendar that fails", () => {
  const broken = () => Promise.reject(new Error("out of reach"));

  it("before the effect leaves no doubt that nothing was done", async () => {
    await expect(attempt({ ...createMemoryCalendar(), free: broken })).rejects.toMatchObject({
      details: { effect: "not-done" },
    });
  });

  it("during the effect leaves the doubt to the spine", async () => {
    const failure = attempt({ ...createMemoryCalendar(), book: broken });
    await expect(failure).rejects.toThrow("out of reach");
    await expect(failure).rejects.not.toHaveProperty("details");
  });
});
