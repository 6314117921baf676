import { createSystemClock } from "#node/system-clock.ts";
import type { Alarm, Clock } from "#ports/clock.ts";

/** A clock that does not count the time for which its own process was kept from its event loop. */
export interface TurnsClock extends Clock {
  /** How much of the machine's time it has given back, whole milliseconds. */
  readonly behindMs: number;
}

/** How often the event loop is seen to turn while somebody waits for a time. */
const PLAN_MS = 20;
/** A turn that is later than planned by more than this was starved: the machine was late, not who is waited for. */
const LATE_MS = 50;
/** A timer of so many milliseconds fires in the next turn at the earliest. */
const TURN_MS = 1;

/**
 * The machine's clock, as a punctual machine would show it. While anybody waits for a time, the loop's turns are watched: a turn advances this
 * clock by as much as the machine's, unless it comes late by more than `LATE_MS`; then it advances by what was planned, and the rest is given
 * back for good. What falls due in a late turn rings in the next one, when answers that came meanwhile have been read from their sockets.
 */
export function createTurnsClock(machine: Clock = createSystemClock()): TurnsClock {
  const waiting = new Set<object>();
  let behindMs = 0;
  /** The machine's time and this clock's at the last turn, then the newest that was read and the latest that was shown. */
  let turn = { machine: machine.now(), shown: machine.now() };
  let [read, latest] = [turn.machine, turn.shown];
  /** The last turn came late, and the one after it has not come yet. */
  let starved = false;
  let stopWatching: (() => void) | undefined;

  const isLate = (passedMs: number) => stopWatching !== undefined && passedMs > PLAN_MS + LATE_MS;

  const now = (): number => {
    const at = machine.now();
    // Somebody has set the machine's clock back: so is this one.
    if (at < read) {
      turn = { machine: at, shown: at - behindMs };
      latest = turn.shown;
    }
    read = at;
    const passedMs = at - turn.machine;
    latest = Math.max(latest, turn.shown + (isLate(passedMs) ? PLAN_MS : passedMs));
    return latest;
  };

  const noteTurn = (): void => {
    const at = machine.now();
    if (isLate(at - turn.machine)) {
      starved = true;
      watchIn(TURN_MS);
    }
    turn = { machine: at, shown: now() };
    behindMs = at - turn.shown;
  };

  const watchIn = (ms: number): void => {
    stopWatching?.();
    const next = machine.alarm(machine.now() + ms, { background: true });
    stopWatching = next.cancel;
    onRing(next, () => {
      starved = false;
      noteTurn();
      if (starved) return;
      if (waiting.size > 0) watchIn(PLAN_MS);
      else stopWatching = undefined;
    });
  };

  const alarm: Clock["alarm"] = (at, options) => {
    const controller = new AbortController();
    const armed = {};
    let cancelTimer = () => undefined as void;
    const cancel = () => {
      waiting.delete(armed);
      cancelTimer();
    };
    const end = (name: "TimeoutError" | "AbortError", message: string) => {
      cancel();
      controller.abort(new DOMException(message, name));
    };
    const arm = (inMs: number): void => {
      const timer = machine.alarm(machine.now() + inMs, options);
      cancelTimer = timer.cancel;
      onRing(timer, () => {
        noteTurn();
        const leftMs = at - now();
        if (starved || leftMs > 0) arm(Math.max(TURN_MS, leftMs));
        else end("TimeoutError", "The time is up.");
      });
    };
    if (at <= now()) end("TimeoutError", "The time is up.");
    else {
      waiting.add(armed);
      if (stopWatching === undefined) {
        noteTurn();
        watchIn(PLAN_MS);
      }
      arm(at - now());
    }
    return {
      signal: controller.signal,
      cancel,
      ring: () => end("AbortError", "The answer no longer counts."),
    };
  };

  return {
    now,
    alarm,
    sleep: (ms) =>
      ms <= 0 ? Promise.resolve() : new Promise((wake) => onRing(alarm(now() + ms), () => wake())),
    get behindMs() {
      return behindMs;
    },
  };
}

function onRing({ signal }: Alarm, ring: () => void): void {
  if (signal.aborted) ring();
  else signal.addEventListener("abort", ring, { once: true });
}
