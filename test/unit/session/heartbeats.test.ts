import { describe, expect, it } from "vitest";
import { fallback, step } from "#core/flow/build.ts";
import { verifyReplay } from "#core/session/replay.ts";
import { dataOf } from "#testing/given-when-then.ts";
import { agent, reasonOf, running } from "./sample.ts";

const START = 1_000_000;
const beating = agent("a", { timeoutMs: 600_000, heartbeatMs: 10_000 });
const plan = step("a", { fallback: fallback.value("none") });
const started = () => running(plan, { agents: [beating] });

describe("an agent with a heartbeat", () => {
  it("is told the interval, and is checked after three of them", () => {
    const w = started();
    expect(w.order("a").heartbeatMs).toBe(10_000);
    expect(w.nextDue()).toBe(START + 30_000);
  });

  it("that falls silent fails long before its timeout", () => {
    const w = started();
    w.heard = { a: START + 1_000 };
    expect(w.deadline().types).toEqual(["DeadlinePassed", "HeartbeatSeen", "DeadlineArmed"]);
    expect(w.deadline().types.slice(0, 2)).toEqual(["DeadlinePassed", "AttemptTimedOut"]);
    expect(dataOf(w.events(), "AttemptTimedOut")).toMatchObject([{ silentSince: START + 1_000 }]);
    expect(w.now).toBe(START + 31_000);
    expect(w.replies).toEqual(["none"]);
    expect(verifyReplay(w.commits, w.application)).toBeUndefined();
  });

  it("that sends one keeps working, and is checked again", () => {
    const w = started();
    for (let heard = 0; heard < 5; heard += 1) {
      w.heard = { a: (w.nextDue() ?? 0) - 1_000 };
      w.deadline();
    }
    expect(dataOf(w.events(), "HeartbeatSeen")).toHaveLength(5);
    expect(w.answer("a", 1).types[0]).toBe("AnswerApplied");
    expect(verifyReplay(w.commits, w.application)).toBeUndefined();
  });

  it("that has not begun waits in its queue and is not silent, however long", () => {
    const w = started();
    w.heard = {};
    for (let looked = 0; looked < 10; looked += 1) w.deadline();
    expect(w.pending).toEqual(["a"]);
    w.now = START + 602_000;
    w.deadline(w.now);
    expect(dataOf(w.events(), "AttemptTimedOut")).toEqual([expect.not.objectContaining({ silentSince: 1 })]);
    expect(w.replies).toEqual(["none"]);
  });

  it("is not judged by an input that did not read heartbeats at that time", () => {
    const w = started();
    w.wait(40_000).event("Asked");
    expect(w.pending).toEqual(["a"]);
    expect(dataOf(w.events(), "AttemptTimedOut")).toEqual([]);
  });

  it("whose effect is claimed is awaited until its doubt must be resolved", () => {
    const act = agent("a", { timeoutMs: 600_000, heartbeatMs: 10_000, effect: "once" });
    const w = running(step("a"), { agents: [act] });
    w.claim("a");
    w.heard = { a: START };
    w.deadline();
    expect(w.pending).toEqual(["a"]);
    expect(reasonOf(w)).toBeUndefined();
  });

  it("is not checked where form 2 may not be written, or where its timeout is earlier", () => {
    expect(running(plan, { agents: [beating], world: { form: 1 } }).nextDue()).toBe(START + 602_000);
    const short = agent("a", { timeoutMs: 20_000, heartbeatMs: 10_000 });
    expect(running(plan, { agents: [short] }).nextDue()).toBe(START + 22_000);
  });
});

describe("a contract's heartbeat", () => {
  it.each([4_999, 0, -5_000, 5_000.5, 30_000, NaN])("of %d ms is rejected", (heartbeatMs) => {
    expect(() => agent("a", { timeoutMs: 30_000, heartbeatMs })).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ field: "heartbeatMs" })] }),
    );
  });
});
