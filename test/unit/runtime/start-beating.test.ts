import { describe, expect, it } from "vitest";
import type { AgentTask } from "#core/agent-task.ts";
import type { JsonObject } from "#core/json.ts";
import { greet, hostOf, outcomesOf, TASK } from "./agent-host.ts";
import { START } from "./engine.ts";
describe("the host of an agent with a heartbeat", () => {
  const BEATING = { ...TASK, heartbeatMs: 5_000, deadline: START + 60_000 };
  const forever =
    (aborted: () => void) =>
    ({ signal }: AgentTask<JsonObject>) =>
      new Promise<never>(() => signal.addEventListener("abort", aborted, { once: true }));
  const beats = (calls: readonly string[]) => calls.filter((call) => call === "beat").length;

  it("calls the door at the start and then periodically, until the agent has answered", async () => {
    let answer: (value: number) => void = () => undefined;
    const { host, clock, calls } = hostOf(() => new Promise<number>((resolve) => (answer = resolve)));
    const hosting = host(BEATING, 1);
    await clock.runBy(12_000);
    expect(beats(calls)).toBe(3);
    answer(1);
    expect(await hosting).toBe("answered");
    await clock.runBy(60_000);
    expect(beats(calls)).toBe(3);
    expect(clock.waiting).toBe(0);
  });

  it("aborts the task's signal when the answer no longer counts, and stops waiting for the agent", async () => {
    let counts = true;
    let aborted = false;
    const { host, clock, door } = hostOf(
      forever(() => void (aborted = true)),
      { beat: () => Promise.resolve(counts ? { go: true } : { go: false, because: "fenced" }) },
    );
    const hosting = host(BEATING, 1);
    await clock.runBy(9_000);
    expect(aborted).toBe(false);
    counts = false;
    await clock.runBy(1_000);
    expect(aborted).toBe(true);
    expect(await hosting).toBe("answered");
    expect(outcomesOf(door)).toMatchObject([{ status: "failed", error: { code: "task.settled" } }]);
  });

  it("keeps working while the door cannot be reached, and calls it the next time", async () => {
    let aborted = false;
    const { host, clock, calls } = hostOf(
      forever(() => void (aborted = true)),
      { beat: () => Promise.reject(new Error("no door")) },
    );
    const hosting = host(BEATING, 1);
    await clock.runBy(50_000);
    expect([aborted, beats(calls)]).toEqual([false, 11]);
    await clock.runTo(BEATING.deadline);
    expect(await hosting).toBe("answered");
  });

  it("calls nothing when the contract has no heartbeat", async () => {
    const { host, calls } = hostOf(greet);
    await host(TASK, 1);
    expect(beats(calls)).toBe(0);
  });
});
