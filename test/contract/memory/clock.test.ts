import { describe, expect, it } from "vitest";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { describeClock } from "../clock.ts";

const START = Date.UTC(2026, 0, 1);

describeClock("movable", () => {
  const clock = createMovableClock(START);
  return { clock, pass: (ms) => clock.runBy(ms) };
});
describeClock("system", () => ({ clock: createSystemClock(), pass: async () => undefined }));

describe("the movable clock", () => {
  it("stands still until it is moved", async () => {
    const clock = createMovableClock(START);
    let awake = false;
    void clock.sleep(1).then(() => (awake = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.now()).toBe(START);
    expect(awake).toBe(false);
  });

  it("fires timers in order of time, then of arming, each at its own time", () => {
    const clock = createMovableClock(START);
    const fired: string[] = [];
    for (const [name, at] of [
      ["c", 20],
      ["a", 10],
      ["d", 20],
      ["b", 10],
      ["e", 31],
    ] as const) {
      clock
        .alarm(START + at)
        .signal.addEventListener("abort", () => fired.push(`${name}${clock.now() - START}`));
    }
    clock.advanceTo(START + 30);
    expect(fired).toEqual(["a10", "b10", "c20", "d20"]);
    expect(clock.now()).toBe(START + 30);
  });

  it("fires timers that other timers arm meanwhile", () => {
    const clock = createMovableClock(START);
    const fired: number[] = [];
    const again = () => {
      fired.push(clock.now() - START);
      clock.alarm(clock.now() + 10).signal.addEventListener("abort", again);
    };
    clock.alarm(START + 10).signal.addEventListener("abort", again);
    clock.advanceBy(45);
    expect(fired).toEqual([10, 20, 30, 40]);
  });

  it("lets a chain of sleeps see the right times when it runs to a time", async () => {
    const clock = createMovableClock(START);
    const seen: number[] = [];
    const chain = (async () => {
      for (let step = 0; step < 4; step += 1) {
        await clock.sleep(24 * 3_600_000);
        seen.push((clock.now() - START) / 3_600_000);
      }
    })();
    await clock.runTo(START + 100 * 3_600_000);
    await chain;
    expect(seen).toEqual([24, 48, 72, 96]);
    expect(clock.now()).toBe(START + 100 * 3_600_000);
  });

  it("lists its pending timers, and forgets cancelled ones", () => {
    const clock = createMovableClock(START);
    expect(clock.nextTimer()).toBeUndefined();
    void clock.sleep(50);
    const alarm = clock.alarm(START + 20);
    expect([clock.waiting, clock.nextTimer()]).toEqual([2, START + 20]);
    alarm.cancel();
    expect([clock.waiting, clock.nextTimer()]).toEqual([1, START + 50]);
    clock.advanceBy(50);
    alarm.cancel();
    expect([clock.waiting, clock.nextTimer()]).toEqual([0, undefined]);
  });

  it("rejects going back", () => {
    const clock = createMovableClock(START);
    expect(() => clock.advanceTo(START - 1)).toThrow("only move forward");
    expect(() => clock.advanceBy(Number.NaN)).toThrow("only move forward");
  });
});
