import type { Clock } from "#ports/clock.ts";

// Node fires a timer with a longer delay at once (its delays are 32-bit).
const LONGEST_TIMER_MS = 2_147_483_647;

/** The machine's clock. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    async sleep(ms) {
      for (let left = ms; left > 0; left -= LONGEST_TIMER_MS) {
        await new Promise((wake) => setTimeout(wake, Math.min(left, LONGEST_TIMER_MS)));
      }
    },
    alarm(at, { background = false } = {}) {
      const controller = new AbortController();
      let timer: NodeJS.Timeout | undefined;
      const check = () => {
        const left = at - Date.now();
        // A timer may fire a millisecond early by Date.now(): then it is armed again.
        if (left > 0) {
          timer = setTimeout(check, Math.min(left, LONGEST_TIMER_MS));
          if (background) timer.unref();
        } else controller.abort(new DOMException("The time is up.", "TimeoutError"));
      };
      check();
      const cancel = () => clearTimeout(timer);
      const ring = () => {
        cancel();
        controller.abort(new DOMException("The answer no longer counts.", "AbortError"));
      };
      return { signal: controller.signal, cancel, ring };
    },
  };
}
