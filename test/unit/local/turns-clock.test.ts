import { describe, expect, it } from "vitest";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createLocalClock } from "#local/local-clock.ts";
import { startTimer } from "#local/timer.ts";
import { createTurnsClock } from "#local/turns-clock.ts";
import type { Clock } from "#ports/clock.ts";
import { describeClock } from "../../contract/clock.ts";

const START = Date.UTC(2026, 0, 1);

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/**
 * A machine with one event loop: what comes over a socket waits until the loop reads it, after the timers that are due. While the loop
 * stalls, time passes and nothing runs.
 */
function createMachine() {
  let now = START;
  const timers = new Set<Timer>();
  const arrived: (() => void)[] = [];
  const clock: Pick<Clock, "now" | "alarm"> = {
    now: () => now,
    alarm(at) {
      const controller = new AbortController();
      const timer = { at, fire: () => controller.abort(new DOMException("The time is up.", "TimeoutError")) };
      if (at <= now) timer.fire();
      else timers.add(timer);
      return { signal: controller.signal, cancel: () => timers.delete(timer), ring: () => undefined };
    },
  };
  /** Timers of the moment first, those that they arm not among them; then the socket. */
  const turn = () => {
    const due = [...timers].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    for (const timer of due) if (timers.delete(timer)) timer.fire();
    for (const read of arrived.splice(0)) read();
  };
  return {
    clock: { ...clock, sleep: () => Promise.reject(new Error("Nobody sleeps here.")) } satisfies Clock,
    arrive: (read: () => void) => void arrived.push(read),
    turn,
    /** A loop that is punctual: it turns each millisecond. */
    run(ms: number) {
      for (let passed = 0; passed < ms; passed += 1) {
        now += 1;
        turn();
      }
    },
    /** Nothing of this process runs for so long. */
    stall(ms: number) {
      now += ms;
    },
    setBack(ms: number) {
      now -= ms;
    },
    waiting: () => timers.size,
  };
}

describeClock("turns", () => {
  const machine = createMovableClock(START);
  return { clock: createTurnsClock(machine), pass: (ms) => machine.runBy(ms) };
});

describeClock("turns, of this machine", () => ({
  clock: createTurnsClock(),
  pass: () => Promise.resolve(),
}));

describe("the clock of turns", () => {
  it("is the machine's while the loop turns in time", () => {
    const machine = createMachine();
    const clock = createTurnsClock(machine.clock);
    const rung: number[] = [];
    for (const after of [7, 2_000, 20, 61])
      startTimer(clock, START + after, () => rung.push(machine.clock.now() - START));
    machine.run(2_500);
    expect(rung).toEqual([7, 20, 61, 2_000]);
    expect([clock.now(), clock.behindMs]).toEqual([START + 2_500, 0]);
  });

  it.each([1, 500, 1_000, 1_900, 1_979, 1_981, 1_995, 1_999])(
    "does not end an agent's two seconds over a stall of three that began after %s ms before its answer was read",
    (begun) => {
      const machine = createMachine();
      const clock = createTurnsClock(machine.clock);
      const seen: string[] = [];
      const stop = startTimer(clock, clock.now() + 2_000, () => seen.push("timeout"));
      machine.run(begun);
      // The agent's process answered in time, and this one was kept from its turns.
      machine.stall(3_000);
      machine.arrive(() => {
        seen.push("answer");
        stop();
      });
      machine.run(5_000);
      expect(seen).toEqual(["answer"]);
    },
  );

  it("ends the time of an agent that does not answer, as late as the machine was", () => {
    const machine = createMachine();
    const clock = createTurnsClock(machine.clock);
    let endedAt = NaN;
    startTimer(clock, START + 2_000, () => (endedAt = machine.clock.now() - START));
    machine.run(1_000);
    machine.stall(3_000);
    machine.run(5_000);
    expect(endedAt).toBe(2_000 + clock.behindMs);
    expect(clock.behindMs).toBeGreaterThan(2_900);
    expect(clock.behindMs).toBeLessThan(3_000);
  });

  it("shows no time that a punctual machine would not have shown, also to what runs within the stall, and never goes back", () => {
    const machine = createMachine();
    const clock = createTurnsClock(machine.clock);
    startTimer(clock, START + 60_000, () => undefined);
    const shown: number[] = [];
    const look = () => shown.push(clock.now() - START);
    machine.run(100);
    look();
    for (const ms of [10, 30, 25, 400, 3_000]) {
      machine.stall(ms);
      look();
    }
    machine.turn();
    look();
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    expect(shown.at(-1)).toBeLessThanOrEqual(100 + 70);
    expect(shown.every(Number.isSafeInteger) && Number.isSafeInteger(clock.behindMs)).toBe(true);
  });

  it("counts a turn that is a little late as any other", () => {
    const machine = createMachine();
    const clock = createTurnsClock(machine.clock);
    startTimer(clock, START + 60_000, () => undefined);
    for (let turns = 0; turns < 20; turns += 1) {
      machine.stall(60);
      machine.turn();
    }
    expect([clock.now(), clock.behindMs]).toEqual([START + 1_200, 0]);
  });

  it("gives back what each of many stalls took, for good", () => {
    const machine = createMachine();
    const clock = createTurnsClock(machine.clock);
    startTimer(clock, START + 600_000, () => undefined);
    for (let stalls = 0; stalls < 5; stalls += 1) {
      machine.stall(1_000);
      machine.run(500);
    }
    // Each late turn hands over what was planned.
    expect(clock.behindMs).toBeGreaterThanOrEqual(5 * 980);
    const behind = clock.behindMs;
    machine.run(2_000);
    expect(clock.behindMs).toBe(behind);
    expect(clock.now()).toBe(machine.clock.now() - behind);
  });

  it("takes time as it is while nobody waits for one, and then wakes nobody", () => {
    const machine = createMachine();
    const clock = createTurnsClock(machine.clock);
    machine.stall(3_000);
    expect([clock.now(), clock.behindMs]).toEqual([START + 3_000, 0]);
    clock.alarm(clock.now() + 50).cancel();
    machine.run(100);
    expect(machine.waiting()).toBe(0);
  });

  it("is set back with the machine's", () => {
    const machine = createMachine();
    const clock = createTurnsClock(machine.clock);
    machine.run(1_000);
    expect(clock.now()).toBe(START + 1_000);
    machine.setBack(600);
    expect(clock.now()).toBe(START + 400);
  });

  it("lets the local clock be moved ahead as before, and the time of processes is not moved", () => {
    const machine = createMachine();
    const turns = createTurnsClock(machine.clock);
    const clock = createLocalClock(turns, turns);
    const rung: string[] = [];
    startTimer(clock, START + 30_000, () => rung.push("queue"));
    startTimer(clock.unmoved, START + 2_000, () => rung.push("process"));
    clock.skipTo(START + 40_000);
    expect(rung).toEqual(["queue"]);
    machine.run(2_000);
    expect(rung).toEqual(["queue", "process"]);
    expect(clock.now()).toBe(START + 42_000);
  });
});
