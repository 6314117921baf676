import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineAgent } from "#core/contract.ts";
import { fallback, map, parallel, sequence, step, waitFor } from "#core/flow/build.ts";
import { verifyReplay } from "#core/session/replay.ts";
import {
  MAX_SESSION_SIGNAL_BYTES,
  MAX_SIGNAL_BYTES,
  MAX_TASK_SIGNALS,
  SIGNAL_FORM,
} from "#core/session/signal/task-signal.ts";
import { dataOf, given, World } from "#testing/given-when-then.ts";
import { forkInput } from "../../support/fork-input.ts";
import { agent, applicationOf, flowOf, running } from "./sample.ts";

const SIGNALS = { typed: z.string(), enough: z.null() };
const listener = (name: string, rest: Parameters<typeof agent>[1] = {}) =>
  agent(name, { signals: SIGNALS, ...rest });

const told = (w: World, name: string) => {
  const { task } = w.order(name);
  return w.state.tasks[task]?.signals;
};

describe("a signal", () => {
  it("is kept with the task that is under way, numbered, until the task ends", () => {
    const w = running(step("a"), { agents: [listener("a")] });
    const { task } = w.order("a");
    given({ application: w.application, options: {} }, (world) => world.event("Asked", {}))
      .when((world) => world.signal("a", "typed", "more"))
      .then({
        events: [["TaskSignalled", { input: { name: "typed" } as never }]],
        dispatches: [],
        verdict: { type: "committed", disposition: "signalled" },
      });
    w.signal("a", "typed", "and more");
    w.signal(task, "enough");
    expect(told(w, "a")).toEqual([
      { number: 1, name: "typed", data: "and more" },
      { number: 2, name: "enough", data: null },
    ]);
    w.answer("a", "done");
    expect(w.replies).toEqual(["done"]);
    expect(w.state.tasks).toEqual({});
    expect(verifyReplay(w.commits, w.application)).toBeUndefined();
  });

  it("changes no context and makes no answer stale, and the view is as it was", () => {
    const w = running(step("a"), { agents: [listener("a")] });
    const { context, versions, findings, runs } = w.state;
    const { view } = w.order("a");
    w.signal("plan", "typed", "more");
    expect({ context, versions, findings, runs }).toEqual({
      context: w.state.context,
      versions: w.state.versions,
      findings: w.state.findings,
      runs: w.state.runs,
    });
    expect(w.answer("a", 1).types[0]).toBe("AnswerApplied");
    expect(w.orders.map((order) => order.view)).toEqual([view]);
  });

  it("to a step reaches all tasks at and in it that take it, and others not", () => {
    const plan = parallel({ branches: { left: step("a"), right: sequence(step("b")), mute: step("c") } });
    const w = running(plan, { agents: [listener("a"), listener("b")] });
    expect(w.signal("plan", "typed", "x").types).toEqual(["TaskSignalled"]);
    expect([told(w, "a"), told(w, "b"), told(w, "c")].map((one) => one?.length)).toEqual([1, 1, undefined]);
    const { step: right } = w.order("b");
    w.signal(right, "typed", "y");
    expect([told(w, "a"), told(w, "b")].map((one) => one?.length)).toEqual([1, 2]);
  });

  it("reaches each item of a map", () => {
    const plan = map({ over: "input.list", each: step("a"), concurrency: 3, maxItems: 5 } as never);
    const w = running(plan, { agents: [listener("a")], data: { list: [1, 2, 3] } });
    w.signal("a", "enough");
    expect(Object.values(w.state.tasks).map(({ signals }) => signals?.length)).toEqual([1, 1, 1]);
  });

  it("is there for a retry and for a fallback from the first on, also while neither is dispatched", () => {
    const agents = [listener("a", { retries: { max: 1, backoffMs: 60_000 } }), listener("b")];
    const w = running(step("a", { fallback: fallback.agent("b") }), { agents });
    const { task } = w.order("a");
    w.signal("a", "typed", "1");
    w.fail("a");
    expect(w.state.tasks[task]?.phase.name).toBe("backoff");
    w.signal("a", "typed", "2");
    while (w.pending.length === 0) w.deadline();
    expect(w.order("a").attempt).toBe(2);
    w.fail("a");
    w.signal("b", "typed", "3");
    expect(w.state.tasks[task]?.signals?.map(({ number, data }) => [number, data])).toEqual([
      [1, "1"],
      [2, "2"],
      [3, "3"],
    ]);
  });

  it("to nobody is recorded as ignored, with a reason, and the session goes on", () => {
    const w = running(sequence(step("a"), waitFor("Noted", { timeoutMs: 60_000 })), {
      agents: [listener("a")],
    });
    w.answer("a", 1);
    const late = w.signal("a", "typed", "late");
    expect(late.types).toEqual(["SignalIgnored"]);
    expect(late.verdicts).toMatchObject([{ disposition: "ignored", reason: "no task is under way there" }]);
    expect(w.signal("plan/9", "typed").types).toEqual(["SignalIgnored"]);
    w.event("Noted");
    expect(dataOf(w.events(), "RunCompleted")).toHaveLength(1);
    expect(verifyReplay(w.commits, w.application)).toBeUndefined();
  });

  it("to a task that a person does now is ignored", () => {
    const w = running(step("a", { fallback: fallback.human({ ask: "Well?", timeoutMs: 60_000 }) }), {
      agents: [listener("a")],
    });
    w.fail("a");
    // Its sender does not learn of the question.
    expect(w.signal("a", "typed", "x").verdicts).toMatchObject([
      { disposition: "ignored", reason: "no task is under way there" },
    ]);
    expect(dataOf(w.events(), "SignalIgnored")).toMatchObject([{ reason: "a person does the task" }]);
  });

  it("under a name that no contract declares is refused, and says which there are", () => {
    const w = running(step("a"), { agents: [listener("a")] });
    const { verdicts, types } = w.signal("a", "cheaper", "x");
    expect(types).toEqual([]);
    expect(verdicts).toMatchObject([
      {
        type: "refused",
        code: "signal.undeclared",
        message: expect.stringContaining("enough, typed") as string,
      },
    ]);
    const mute = running(step("c"));
    expect(mute.signal("c", "typed", "x").verdicts).toMatchObject([{ code: "signal.undeclared" }]);
  });

  it("is one however often it comes", () => {
    const w = running(step("a"), { agents: [listener("a")] });
    const input = w.signalInput("a", "typed", "x");
    w.send(input);
    expect(w.send(input, input).verdicts).toMatchObject([{ type: "duplicate" }, { type: "duplicate" }]);
    expect(told(w, "a")).toHaveLength(1);
  });

  it("is refused in a session without events, in a stopped one, and where older commits are written", () => {
    const w = running(step("a"), { agents: [listener("a")] });
    const nothing = new World(w.application);
    expect(nothing.signal("a", "typed", "x").verdicts).toMatchObject([{ code: "session.unknown" }]);
    const older = new World(w.application, { form: SIGNAL_FORM - 1 });
    older.event("Asked");
    expect(older.signal("a", "typed", "x").verdicts).toMatchObject([{ code: "input.rejected" }]);
    expect(older.state.form ?? 1).toBeLessThan(SIGNAL_FORM);
    w.signal("a", "typed", "x");
    expect(w.state.form).toBe(SIGNAL_FORM);
    w.stop();
    expect(w.signal("a", "typed", "x").verdicts).toMatchObject([{ code: "session.stopped" }]);
  });

  it("is refused where a task has had as many as it takes, or a session holds as much as it may", () => {
    const w = running(step("a"), { agents: [listener("a")], world: { check: false } });
    for (let at = 0; at < MAX_TASK_SIGNALS; at++) w.signal("a", "enough");
    expect(w.signal("a", "enough").verdicts).toMatchObject([{ code: "session.full" }]);
    const big = running(step("a"), { agents: [listener("a")], world: { check: false } });
    const data = "x".repeat(MAX_SIGNAL_BYTES - 2);
    const most = Math.floor(MAX_SESSION_SIGNAL_BYTES / MAX_SIGNAL_BYTES);
    for (let at = 0; at < most; at++) expect(big.signal("a", "typed", data).types).toEqual(["TaskSignalled"]);
    expect(big.signal("a", "typed", data).verdicts).toMatchObject([{ code: "session.full" }]);
    expect(big.answer("a", 1).types[0]).toBe("AnswerApplied");
  });

  it("is taken over by a fork, whose own are numbered after it", () => {
    const w = running(step("a"), { agents: [listener("a")] });
    w.signal("a", "typed", "1");
    w.signal("a", "typed", "2");
    const fork = new World(w.application, { ids: "f", key: { tenant: "acme", session: "s2" } });
    fork.send(forkInput(w, w.state.sequence - 1));
    fork.signal("a", "typed", "3");
    expect(told(fork, "a")?.map(({ number, data }) => [number, data])).toEqual([
      [1, "1"],
      [2, "3"],
    ]);
    expect(verifyReplay(fork.commits, fork.application)).toBeUndefined();
  });
});

describe("a contract's signals", () => {
  it("are names of its spec, which runs go on with", () => {
    expect(listener("a").spec.signals).toEqual(["enough", "typed"]);
    const [flow] = applicationOf([flowOf(step("a"))], [listener("a")]).flows;
    expect(JSON.stringify(flow)).toContain('"signals":["enough","typed"]');
    expect(agent("a").spec).not.toHaveProperty("signals");
  });

  it("must have names that can be said", () => {
    const wrong = () =>
      defineAgent({ name: "a", output: z.unknown(), signals: { "two words": z.unknown() } });
    expect(wrong).toThrow(/signals\.two words: is not a signal's name/);
    const names = Array.from({ length: 21 }, (_, at) => [`n${at}`, z.unknown()]);
    expect(() => defineAgent({ name: "a", output: z.unknown(), signals: Object.fromEntries(names) })).toThrow(
      /signals: has 21 names/,
    );
  });
});
