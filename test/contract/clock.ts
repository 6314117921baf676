import { beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "#ports/clock.ts";

export interface ClockHarness {
  readonly clock: Clock;
  /** Lets a few milliseconds pass where time does not do so by itself. */
  pass(ms: number): Promise<void>;
}

/** Holds an implementation of Clock to the port's rules. */
export function describeClock(name: string, makeClock: () => ClockHarness): void {
  describe(`clock: ${name}`, () => {
    let clock: Clock;
    let pass: ClockHarness["pass"];

    beforeEach(() => {
      ({ clock, pass } = makeClock());
    });

    const aborted = (signal: ReturnType<Clock["alarm"]>["signal"]) =>
      new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

    it("tells whole milliseconds since the epoch", () => {
      expect(Number.isSafeInteger(clock.now())).toBe(true);
      expect(clock.now()).toBeGreaterThan(1_600_000_000_000);
    });

    it("wakes sleepers in order of their times", async () => {
      const woken: number[] = [];
      // Far enough apart for a machine that stops between two of them.
      const sleepers = [120, 3, 60].map(async (ms) => {
        await clock.sleep(ms);
        woken.push(ms);
      });
      await pass(130);
      await Promise.all(sleepers);
      expect(woken).toEqual([3, 60, 120]);
    });

    it("does not wait for a sleep of zero length", async () => {
      await clock.sleep(0);
      await clock.sleep(-5);
    });

    it("aborts a signal at its time, not before, with a reason", async () => {
      const at = clock.now() + 5;
      const { signal } = clock.alarm(at);
      expect(signal.aborted).toBe(false);
      const heard = aborted(signal).then(() => clock.now());
      await pass(10);
      expect(await heard).toBeGreaterThanOrEqual(at);
      expect(signal.aborted).toBe(true);
      expect(signal.reason).toMatchObject({ name: "TimeoutError" });
    });

    it("aborts at once when the time has already come", () => {
      expect(clock.alarm(clock.now()).signal.aborted).toBe(true);
      expect(clock.alarm(clock.now() - 1_000).signal.aborted).toBe(true);
    });

    it("never aborts a cancelled alarm", async () => {
      const cancelled = clock.alarm(clock.now() + 2);
      const later = clock.alarm(clock.now() + 8);
      const heard = aborted(later.signal);
      cancelled.cancel();
      cancelled.cancel();
      await pass(10);
      await heard;
      expect(cancelled.signal.aborted).toBe(false);
    });

    it("arms alarms that are further away than a 32-bit timer reaches", async () => {
      const { signal, cancel } = clock.alarm(clock.now() + 2 ** 32);
      const heard = aborted(clock.alarm(clock.now() + 5).signal);
      await pass(10);
      await heard;
      expect(signal.aborted).toBe(false);
      cancel();
    });
  });
}
