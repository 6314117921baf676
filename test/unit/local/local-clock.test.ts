import { describe, expect, it } from "vitest";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createLocalClock } from "#local/local-clock.ts";
import { describeClock } from "../../contract/clock.ts";

const START = Date.UTC(2026, 0, 1);

describeClock("local", () => {
  const machine = createMovableClock(START);
  return { clock: createLocalClock(machine), pass: (ms) => machine.runBy(ms) };
});

describe("the local clock", () => {
  it("runs on as the machine's does after it was moved ahead", () => {
    const machine = createMovableClock(START);
    const clock = createLocalClock(machine);
    clock.skipTo(START + 30_000);
    machine.advanceBy(5);
    expect([clock.now(), clock.aheadMs]).toEqual([START + 30_005, 30_000]);
  });

  it("rings what falls due on the way at once, in order of time, and nothing else", () => {
    const clock = createLocalClock(createMovableClock(START));
    const rung: number[] = [];
    for (const after of [20, 10, 40]) {
      clock.alarm(START + after).signal.addEventListener("abort", () => rung.push(after));
    }
    clock.skipTo(START + 30);
    expect(rung).toEqual([10, 20]);
  });

  it("rings what is still ahead when the rest of its time has passed", () => {
    const machine = createMovableClock(START);
    const clock = createLocalClock(machine);
    const { signal } = clock.alarm(START + 40);
    clock.skipTo(START + 30);
    machine.advanceBy(9);
    expect(signal.aborted).toBe(false);
    machine.advanceBy(1);
    expect(signal.aborted).toBe(true);
  });

  it("leaves cancelled alarms alone, and never goes back", () => {
    const clock = createLocalClock(createMovableClock(START));
    const { signal, cancel } = clock.alarm(START + 10);
    cancel();
    clock.skipTo(START + 30);
    clock.skipTo(START + 20);
    expect(signal.aborted).toBe(false);
    expect(clock.now()).toBe(START + 30);
  });
});
