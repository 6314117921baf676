import type { Clock } from "#ports/clock.ts";
import { createTurnsClock } from "./turns-clock.ts";

/** The machine's clock, which can be moved ahead: then whatever falls due meanwhile falls due at once. */
export interface LocalClock extends Clock {
  /** The same, never moved: how long a function's process may run is counted in it. */
  readonly unmoved: Clock;
  /** How far it is ahead of the machine's. */
  readonly aheadMs: number;
  /** Moves it ahead to this time; one that has passed changes nothing. */
  skipTo(at: number): void;
}

interface Alarm {
  readonly at: number;
  rearm(): void;
}

/** By default over the machine's clock as a punctual machine would show it. */
export function createLocalClock(machine: Clock = createTurnsClock(), unmoved = machine): LocalClock {
  const alarms = new Set<Alarm>();
  let aheadMs = 0;
  const now = () => machine.now() + aheadMs;

  const alarm: Clock["alarm"] = (at) => {
    const controller = new AbortController();
    let cancelTimer = () => undefined as void;
    const armed: Alarm = {
      at,
      rearm() {
        cancelTimer();
        const timer = machine.alarm(at - aheadMs);
        cancelTimer = timer.cancel;
        const ring = () => {
          alarms.delete(armed);
          controller.abort(timer.signal.reason);
        };
        if (timer.signal.aborted) ring();
        else timer.signal.addEventListener("abort", ring, { once: true });
      },
    };
    alarms.add(armed);
    armed.rearm();
    const cancel = () => {
      alarms.delete(armed);
      cancelTimer();
    };
    const ringNow = () => {
      cancel();
      controller.abort(new DOMException("The answer no longer counts.", "AbortError"));
    };
    return { signal: controller.signal, cancel, ring: ringNow };
  };

  return {
    now,
    unmoved,
    alarm,
    sleep: (ms) =>
      new Promise((wake) => {
        const { signal } = alarm(now() + ms);
        if (signal.aborted) wake();
        else signal.addEventListener("abort", () => wake(), { once: true });
      }),
    get aheadMs() {
      return aheadMs;
    },
    skipTo(at) {
      if (at <= now()) return;
      aheadMs += at - now();
      // In the order of their times, each once: one that rings may arm another.
      for (const alarm of [...alarms].sort((a, b) => a.at - b.at)) if (alarms.has(alarm)) alarm.rearm();
    },
  };
}
