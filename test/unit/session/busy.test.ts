import { describe, expect, it } from "vitest";
import { parallel, sequence, step, transform, waitFor } from "#core/flow/build.ts";
import type { OnBusy } from "#core/flow/plan.ts";
import { dataOf, World } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, isDone, reasonOf, typesOf } from "./sample.ts";

/** A session whose flow `first` works with a and then b; `second` works with c when `Second` comes. */
function busy(onBusy: OnBusy, first: OnBusy = "queue"): World {
  const flows = [
    flowOf(sequence(step("a"), step("b")), { name: "first", on: "First", onBusy: first }),
    flowOf(step("c"), { name: "second", on: "Second", onBusy }),
  ];
  const agents = [
    agent("a", { reads: ["input"] }),
    agent("b", { reads: ["a"] }),
    agent("c", { reads: ["input"] }),
  ];
  const w = new World(applicationOf(flows, agents));
  w.event("First", { n: 1 });
  return w;
}

const statuses = (w: World) => Object.values(w.state.runs).map(({ name, status }) => `${name} ${status}`);

describe("an event during another run", () => {
  it("is queued", () => {
    const w = busy("queue");
    expect(w.event("Second", { n: 2 }).types).toEqual(["InputAccepted", "FlowStored", "RunQueued"]);
    expect(statuses(w)).toEqual(["first running", "second queued"]);
    w.answer("a", 1);
    expect(w.answer("b", 2).types).toEqual([
      "AnswerApplied",
      "ReplySent",
      "RunCompleted",
      "RunStarted",
      "TaskCreated",
      "AttemptDispatched",
    ]);
    expect(w.state.context["input"]).toEqual({ n: 2 });
    w.answer("c", 3);
    expect(w.replies).toEqual([2, 3]);
  });

  it("keeps its own input, whatever is asked meanwhile", () => {
    const flow = flowOf(sequence(step("a"), step("d")), { onBusy: "queue" });
    const w = new World(applicationOf([flow], [agent("d", { reads: ["input.n"] })]));
    w.event("Asked", { n: 1 });
    w.event("Asked", { n: 2 });
    w.answer("a", 1);
    expect(w.order("d").view).toEqual({ input: { n: 1 } });
    w.answer("d", 1);
    w.answer("a", 1);
    expect(w.order("d").view).toEqual({ input: { n: 2 } });
  });

  it("starts its run beside the others, with sections of its own until it ends", () => {
    const flow = flowOf(sequence(step("a"), step("d")), { onBusy: "parallel" });
    const w = new World(applicationOf([flow], [agent("d", { reads: ["a", "input"] })]));
    w.event("Asked", { n: 1 });
    w.event("Asked", { n: 2 });
    w.answer("a", "first", { dispatch: 0 });
    w.answer("a", "second", { dispatch: 1, confidence: 0.7 });
    expect(w.order("d", 0).view).toEqual({ a: "first", input: { n: 1 } });
    expect(w.order("d", 1).view).toEqual({ a: "second", input: { n: 2 } });
    expect(w.state.context["a"]).toBeUndefined();
    w.answer("d", "d2", { dispatch: 1 });
    expect(w.state.context).toMatchObject({ a: "second", d: "d2" });
    expect(w.state.findings).toMatchObject({ a: { by: "a", confidence: 0.7 } });
    w.answer("d", "d1", { dispatch: 0 });
    expect(w.state.context).toMatchObject({ a: "first", d: "d1" });
    expect(Object.keys(w.state.context).filter((section) => section.startsWith("~"))).toEqual([]);
    expect(Object.keys(w.state.versions).filter((path) => path.startsWith("~"))).toEqual([]);
  });

  it("restarts its flow: the older run is cancelled, and its late answer is never applied", () => {
    const flow = flowOf(step("a"), { onBusy: "restart" });
    const w = new World(applicationOf([flow]));
    w.event("Asked", { n: 1 });
    expect(w.event("Asked", { n: 2 }).types).toEqual([
      "InputAccepted",
      "RunQueued",
      "AttemptFenced",
      "ReplySent",
      "RunCancelled",
      "RunStarted",
      "TaskCreated",
      "AttemptDispatched",
    ]);
    expect(w.answer("a", "old", { dispatch: 0 }).types).toEqual(["AnswerLate"]);
    expect(w.state.context["a"]).toBeUndefined();
    w.answer("a", "new");
    expect(w.replies).toEqual([
      { code: "run.cancelled", message: expect.stringContaining("restarted") as string },
      "new",
    ]);
  });

  it("restarts only after another flow's run has ended, and then only the newest run", () => {
    const w = busy("restart");
    w.event("Second", { n: 2 });
    w.event("Second", { n: 3 });
    expect(statuses(w)).toEqual(["first running", "second queued", "second queued"]);
    w.answer("a", 1);
    w.answer("b", 1);
    expect(statuses(w)).toEqual(["second running"]);
    expect(w.order("c").view).toEqual({ input: { n: 3 } });
  });

  it("is rejected with a reason for its sender, and runs when the session is free", () => {
    const w = busy("reject");
    expect(w.event("Second")).toMatchObject({
      types: ["InputAccepted", "FlowStored", "RunRejected"],
      verdicts: [{ type: "committed", disposition: "rejected" }],
    });
    w.answer("a", 1);
    w.answer("b", 1);
    w.event("Second");
    expect(w.pending).toEqual(["c"]);
  });

  it("is rejected while too many runs wait, unless a step waits for it", () => {
    const flow = flowOf(sequence(step("a"), waitFor("Paid"), step("b")));
    const w = new World(applicationOf([flow]), { limits: { queuedRuns: 1 } });
    w.event("Asked");
    w.event("Asked");
    w.answer("a", 1);
    expect(w.event("Asked")).toMatchObject({
      types: [],
      verdicts: [{ type: "refused", code: "session.full", retryable: true }],
    });
    expect(w.event("Paid").types).toContain("WaitSatisfied");
  });
});

describe("an urgent event", () => {
  it("fences running work, runs at once, and then the work is dispatched again", () => {
    const w = busy("pre-empt");
    expect(w.event("Second").types).toEqual([
      "InputAccepted",
      "FlowStored",
      "RunQueued",
      "AttemptFenced",
      "RunSuspended",
      "RunStarted",
      "TaskCreated",
      "AttemptDispatched",
    ]);
    expect(statuses(w)).toEqual(["first suspended", "second running"]);
    expect(w.answer("a", "late", { dispatch: 0 }).types).toEqual(["AnswerLate"]);
    expect(w.answer("c", 3).types).toEqual([
      "AnswerApplied",
      "ReplySent",
      "RunCompleted",
      "RunResumed",
      "AttemptDispatched",
    ]);
    w.answer("a", "fresh");
    w.answer("b", 2);
    expect(w.state.context).toMatchObject({ a: "fresh", b: 2, c: 3 });
  });

  it("does not fence a claimed effect, whose outcome is applied while its run is suspended", () => {
    const flows = [
      flowOf(sequence(step("a"), step("b")), { name: "first", on: "First" }),
      flowOf(step("c"), { name: "second", on: "Second", onBusy: "pre-empt" }),
    ];
    const w = new World(applicationOf(flows, [agent("a", { effect: "once" })]));
    w.event("First");
    w.claim("a");
    w.event("Second");
    expect(w.answer("a", "booked").types).toEqual(["AnswerApplied"]);
    expect(w.pending).toEqual(["c"]);
    w.answer("c", 1);
    expect(w.pending).toEqual(["b"]);
  });

  it("waits for another urgent one, and both come before the suspended run", () => {
    const w = busy("pre-empt");
    w.event("Second", { n: 2 });
    w.event("Second", { n: 3 });
    expect(statuses(w)).toEqual(["first suspended", "second running", "second queued"]);
    w.answer("c", 1);
    expect(statuses(w)).toContain("second running");
    w.answer("c", 2);
    expect(statuses(w)).toEqual(["first running"]);
  });

  it("does not stop the clock of the run that it suspends", () => {
    const flows = [
      flowOf(step("a"), { name: "first", on: "First", timeoutMs: 2_000 }),
      flowOf(step("c"), { name: "second", on: "Second", onBusy: "pre-empt" }),
    ];
    const w = new World(applicationOf(flows));
    w.event("First");
    w.event("Second");
    w.deadline();
    expect(reasonOf(w)).toBe("run.timeout");
    expect(statuses(w)).toEqual(["second running"]);
  });

  it("lets a suspended fork end at its timeout without dispatching anything", () => {
    const fork = parallel({
      branches: { x: step("a"), y: step("b") },
      timeoutMs: 2_000,
      onTimeout: "partial",
      losers: "finish",
    });
    const flows = [
      flowOf(sequence(fork, step("d")), { name: "first", on: "First" }),
      flowOf(step("c"), { name: "second", on: "Second", onBusy: "pre-empt" }),
    ];
    const w = new World(applicationOf(flows));
    w.event("First");
    w.answer("a", 1);
    w.event("Second");
    expect(w.deadline().types).toEqual(["DeadlinePassed", "JoinDecided", "DeadlineArmed"]);
    expect(w.pending).toEqual(["c"]);
    w.answer("c", 1);
    expect(w.pending).toEqual(["d", "b"]);
  });
});

describe("commands", () => {
  it("stop a session with all its runs, and it accepts no more events", () => {
    const w = busy("queue");
    w.event("Second");
    expect(w.stop("fraud").types).toEqual([
      "CommandGiven",
      "AttemptFenced",
      "ReplySent",
      "RunCancelled",
      "ReplySent",
      "RunCancelled",
      "SessionStopped",
    ]);
    expect(w.answer("a", 1).types).toEqual(["AnswerLate"]);
    expect(w.event("First").verdicts).toMatchObject([{ type: "refused", code: "session.stopped" }]);
    expect(w.stop().verdicts).toMatchObject([{ type: "refused", code: "session.stopped" }]);
    expect(w.nextDue()).toBeUndefined();
  });

  it("cancel one run, and the next one starts", () => {
    const w = busy("queue");
    w.event("Second");
    w.cancel("first");
    expect(w.pending).toEqual(["c"]);
    const command = { type: "cancel", run: w.order("a").run, reason: "again" } as const;
    expect(
      w.send({ kind: "command", source: "test", id: "x", hash: "x", correlation: "x", command }).verdicts,
    ).toMatchObject([{ type: "refused", code: "run.ended" }]);
  });

  it("cancel an urgent run, and the suspended one resumes", () => {
    const w = busy("pre-empt");
    w.event("Second");
    w.cancel("second");
    expect(w.pending).toEqual(["a"]);
  });
});

describe("numbered events", () => {
  const w0 = () =>
    new World(applicationOf([flowOf(transform({ "last.n": "input.n" }), { onBusy: "queue" })]), {
      limits: { heldMs: 5_000, heldInputs: 3 },
    });
  const ran = (w: World) => dataOf(w.events(), "ContextTransformed").map(({ set }) => Object.values(set)[0]);

  it("run in the order of their numbers, whatever order they arrive in", () => {
    const w = w0();
    expect(w.event("Asked", { n: 2 }, { ordinal: 2 }).types).toEqual(["InputHeld", "DeadlineArmed"]);
    w.event("Asked", { n: 3 }, { ordinal: 3 });
    expect(
      w.event("Asked", { n: 1 }, { ordinal: 1 }).types.filter((type) => type.startsWith("Input")),
    ).toEqual(["InputAccepted", "InputReleased", "InputReleased"]);
    expect(ran(w)).toEqual([1, 2, 3]);
    expect(w.state.ordinals).toEqual({ test: { next: 4, held: {} } });
  });

  it("run even when their predecessor does not arrive, with the gap recorded", () => {
    const w = w0();
    w.event("Asked", { n: 2 }, { ordinal: 2 });
    w.event("Asked", { n: 4 }, { ordinal: 4 });
    w.deadline();
    expect(dataOf(w.events(), "OrdinalGapRecorded")).toEqual([
      { source: "test", from: 1, to: 1 },
      { source: "test", from: 3, to: 3 },
    ]);
    expect(ran(w)).toEqual([2, 4]);
    const late = w.event("Asked", { n: 1 }, { ordinal: 1 });
    expect(late.events[0]).toMatchObject({ data: { late: true } });
    expect(ran(w)).toEqual([2, 4, 1]);
    expect(w.state.ordinals).toMatchObject({ test: { next: 5 } });
  });

  it("are rejected when their number already waits, or too many wait", () => {
    const w = w0();
    w.event("Asked", { n: 2 }, { ordinal: 2 });
    expect(w.event("Asked", { n: 2 }, { ordinal: 2 }).verdicts).toMatchObject([{ code: "input.ordinal" }]);
    w.event("Asked", { n: 3 }, { ordinal: 3 });
    w.event("Asked", { n: 4 }, { ordinal: 4 });
    expect(w.event("Asked", { n: 5 }, { ordinal: 5 }).verdicts).toMatchObject([
      { code: "session.full", retryable: true },
    ]);
  });

  it("of one producer do not wait for those of another, whatever its name", () => {
    const w = w0();
    w.event("Asked", { n: 9 }, { ordinal: 2, source: "constructor" });
    w.event("Asked", { n: 1 }, { ordinal: 1 });
    expect(ran(w)).toEqual([1]);
    w.deadline();
    expect(ran(w)).toEqual([1, 9]);
  });
});

describe("duplicates", () => {
  it("of an event change nothing, in the same commit, later, and after its id left the window", () => {
    const w = new World(applicationOf([flowOf(step("a"))]), { limits: { idWindow: 2 } });
    const event = w.eventInput("Asked");
    expect(w.send(event, event).verdicts).toMatchObject([
      { type: "committed", sequence: 1 },
      { type: "duplicate", sequence: 1 },
    ]);
    expect(w.send(event).types).toEqual([]);
    for (let i = 0; i < 5; i++) w.event("Other");
    expect(w.state.ids.length).toBeLessThanOrEqual(3);
    expect(w.send(event).verdicts).toEqual([{ type: "duplicate", sequence: 1 }]);
  });

  it("of an answer change nothing", () => {
    const w = busy("queue");
    const answer = w.answerInput("a", { status: "ok", result: 1 });
    expect(w.send(answer, answer).verdicts).toMatchObject([
      { type: "committed" },
      { type: "nothing", because: "settled" },
    ]);
    expect(typesOf(w).filter((type) => type === "AnswerApplied")).toHaveLength(1);
    expect(isDone(w)).toBe(false);
  });
});

describe("several inputs in one commit", () => {
  it("are decided one after another, and a dispatch that a later one cancels is not sent", () => {
    const w = busy("pre-empt");
    const { orders } = w.send(w.answerInput("a", { status: "ok", result: 1 }), w.eventInput("Second"));
    expect(orders.map(({ agent: name }) => name)).toEqual(["c"]);
    expect(dataOf(w.events(), "AttemptDispatched").map(({ agent: name }) => name)).toEqual(["a", "b", "c"]);
  });
});
