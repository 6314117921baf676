import { SpineError } from "#core/errors.ts";
import type { Clock } from "#ports/clock.ts";
import { heapNode, IndexedHeap } from "./queue/heap.ts";

export interface MovableClock extends Clock {
  /** Moves time forward and fires what falls due on the way, each at its own time; what it wakes runs afterwards. */
  advanceTo(ms: number): void;
  advanceBy(ms: number): void;
  /** As `advanceTo`, but lets everything that a timer wakes run before time moves on. */
  runTo(ms: number): Promise<void>;
  runBy(ms: number): Promise<void>;
  /**
   * Moves time from timer to timer until the work is done, and gives what it came to. Time moves only when nothing else can go on, so
   * the work must not wait for real input or output. Throws when nothing more would wake it.
   */
  runUntil<T>(work: Promise<T>): Promise<T>;
  /** How many sleepers and alarms are armed. */
  readonly waiting: number;
  /** When the next of them falls due. */
  nextTimer(): number | undefined;
}

/**
 * A clock that stands still until it is moved. Timers fire in order of time, then in order of arming.
 *
 * @example
 * const clock = createMovableClock(Date.UTC(2030, 0, 1));
 * const moved = inProcessSpine({ flows: [greeting], agents: [], clock });
 * await clock.runBy(86_400_000);
 */
export function createMovableClock(start: number): MovableClock {
  const timers = new IndexedHeap<() => void>();
  let now = start;
  let armed = 0;

  function arm(at: number, fire: () => void): () => void {
    const node = heapNode(fire, at, armed++);
    timers.push(node);
    return () => {
      if (node.slot >= 0) timers.remove(node);
    };
  }

  function advanceTo(ms: number): void {
    if (!(ms >= now))
      throw new SpineError("internal", `Time can only move forward, not from ${now} to ${ms}.`);
    for (let next = timers.peek(); next !== undefined && next.key <= ms; next = timers.peek()) {
      timers.remove(next);
      now = next.key;
      next.owner();
    }
    now = ms;
  }

  async function runTo(ms: number): Promise<void> {
    await settled();
    for (let next = timers.peek(); next !== undefined && next.key <= ms; next = timers.peek()) {
      advanceTo(next.key);
      await settled();
    }
    advanceTo(ms);
  }

  async function runUntil<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const end = () => (over = true);
    work.then(end, end);
    for (await settled(); !over; await settled()) {
      const next = timers.peek();
      if (next === undefined)
        throw new SpineError("internal", `Nothing would wake this work after ${now}: no timer is armed.`);
      advanceTo(next.key);
    }
    return work;
  }

  return {
    now: () => now,
    sleep: (ms) => (ms > 0 ? new Promise((wake) => void arm(now + ms, wake)) : Promise.resolve()),
    alarm(at) {
      const controller = new AbortController();
      const abort = () => controller.abort(new DOMException("The time is up.", "TimeoutError"));
      const { signal } = controller;
      if (at <= now) abort();
      const cancel = at > now ? arm(at, abort) : () => undefined;
      const ring = () => {
        cancel();
        controller.abort(new DOMException("The answer no longer counts.", "AbortError"));
      };
      return { signal, cancel, ring };
    },
    advanceTo,
    advanceBy: (ms) => advanceTo(now + ms),
    runTo,
    runBy: (ms) => runTo(now + ms),
    runUntil,
    get waiting() {
      return timers.size;
    },
    nextTimer: () => timers.peek()?.key,
  };
}

/** A turn of the event loop begins only when every promise that could go on has done so. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
