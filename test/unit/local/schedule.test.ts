import { describe, expect, it } from "vitest";
import { createMovableClock } from "#memory/movable-clock.ts";
import { parseRate, startSchedule } from "#local/events/schedule.ts";

const MINUTE_MS = 60_000;

describe("a rule's schedule", () => {
  it.each([
    ["rate(1 minute)", MINUTE_MS],
    ["rate(12 minutes)", 12 * MINUTE_MS],
    ["rate(1 hour)", 60 * MINUTE_MS],
    ["rate(2 days)", 2 * 24 * 60 * MINUTE_MS],
  ])("is a rate: %s", (expression, ms) => {
    expect(parseRate(expression, "Rule")).toBe(ms);
  });

  it.each(["cron(0 12 * * ? *)", "rate(0 minutes)", "rate(1 week)", "rate(1.5 hours)"])(
    "rejects anything else: %s",
    (expression) => {
      expect(() => parseRate(expression, "Rule")).toThrow(/^Rule: the schedule .* is not supported here/);
    },
  );

  it("fires repeatedly, until it is stopped", async () => {
    const clock = createMovableClock(1_000_000);
    let fired = 0;
    const stop = startSchedule(clock, MINUTE_MS, () => void (fired += 1));
    for (const expected of [1, 2, 3]) {
      clock.advanceBy(MINUTE_MS);
      await Promise.resolve();
      expect(fired).toBe(expected);
    }
    stop();
    clock.advanceBy(10 * MINUTE_MS);
    await Promise.resolve();
    expect(fired).toBe(3);
  });
});
