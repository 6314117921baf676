import { describe, expect, it } from "vitest";
import { createMovableClock } from "#memory/movable-clock.ts";

describe("a movable clock that runs until work is done", () => {
  it("moves from timer to timer, and no further", async () => {
    const clock = createMovableClock(0);
    const woken: number[] = [];
    const work = async () => {
      for (const ms of [5, 10]) {
        await clock.sleep(ms);
        woken.push(clock.now());
      }
      return "done";
    };
    void clock.sleep(100);
    expect(await clock.runUntil(work())).toBe("done");
    expect(woken).toEqual([5, 15]);
    expect(clock.now()).toBe(15);
    expect(clock.waiting).toBe(1);
  });

  it("hands on why the work failed", async () => {
    const clock = createMovableClock(0);
    const failing = clock.sleep(5).then(() => Promise.reject(new Error("no")));
    await expect(clock.runUntil(failing)).rejects.toThrow("no");
  });

  it("throws where nothing would wake the work", async () => {
    const clock = createMovableClock(7);
    await expect(clock.runUntil(new Promise(() => undefined))).rejects.toThrow(
      "Nothing would wake this work after 7: no timer is armed.",
    );
  });
});
