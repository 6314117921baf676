import { describe, expect, it } from "vitest";
import { createMovableClock } from "#memory/movable-clock.ts";
import { untilIdle } from "#local/faults/until-idle.ts";
import { createLocalClock } from "#local/local-clock.ts";

const START = Date.UTC(2026, 0, 1);

/** Messages that show at their times and are gone when time has come to them; `running` is asked for at each look. */
function world(times: readonly number[], running: () => number = () => 0) {
  const clock = createLocalClock(createMovableClock(START));
  const ahead = () => times.filter((at) => START + at > clock.now());
  const hidden = (delayed: number) => [{ queue: "deadlines", visible: 0, inFlight: 0, delayed }];
  return {
    clock,
    running,
    messages: () => (ahead().length === 0 ? [] : hidden(ahead().length)),
    nextMessageAt: () => (ahead().length === 0 ? undefined : START + Math.min(...ahead())),
  };
}

describe("waiting until everything is idle", () => {
  it("advances time to each remaining message, and no further", async () => {
    const cloud = world([30_000, 900_000]);
    await untilIdle(cloud);
    expect(cloud.clock.aheadMs).toBe(900_000);
  });

  it("leaves time alone while something is running", async () => {
    let looks = 3;
    const seen: number[] = [];
    const cloud = world([30_000], () => {
      seen.push(cloud.clock.aheadMs);
      return looks-- > 0 ? 1 : 0;
    });
    await untilIdle(cloud);
    expect(seen.slice(0, 4)).toEqual([0, 0, 0, 0]);
  });

  it("reports which queues do not become idle", async () => {
    const stuck = { queue: "dead", visible: 1, inFlight: 0, delayed: 0 };
    const cloud = { ...world([]), messages: () => [stuck] };
    await expect(untilIdle(cloud)).rejects.toThrow("dead");
  });
});
