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
  it("keeps running like the machine's clock after it was moved ahead", () => {
    const machine = createMovableClock(START);
    const clock = createLocalClock(machine);
    clock.skipTo(START + 30_000);
    machine.advanceBy(5);
    expect([clock.now(), clock.aheadMs]).toEqual([START + 30_005, 30_000]);
  });

  it("fires due alarms at once, in order of time, and nothing else", () => {
    const clock = createLocalClock(createMovableClock(START));
    const rung: number[] = [];
    for (const after of [20, 10, 40]) {
      clock.alarm(START + after).signal.addEventListener("abort", () => rung.push(after));
    }
    clock.skipTo(START + 30);
    expect(rung).toEqual([10, 20]);
  });

  it("fires future alarms when the rest of their time has passed", () => {
    const machine = createMovableClock(START);
    const clock = createLocalClock(machine);
    const { signal } = clock.alarm(START + 40);
    clock.skipTo(START + 30);
    machine.advanceBy(9);
    expect(signal.aborted).toBe(false);
    machine.advanceBy(1);
    expect(signal.aborted).toBe(true);
  });

  it("never fires cancelled alarms, and never goes back", () => {
    const clock = createLocalClock(createMovableClock(START));
    const { signal, cancel } = clock.alarm(START + 10);
    cancel();
    clock.skipTo(START + 30);
    clock.skipTo(START + 20);
    expect(signal.aborted).toBe(false);
    expect(clock.now()).toBe(START + 30);
  });
});
