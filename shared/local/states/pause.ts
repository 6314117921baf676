import type { Clock } from "#ports/clock.ts";

/** Resolves at a time of the clock's, or when `stopped` aborts. */
export function until(clock: Clock, at: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stopped.aborted) return resolve();
    const { signal, cancel } = clock.alarm(at);
    const done = () => {
      cancel();
      stopped.removeEventListener("abort", done);
      resolve();
    };
    if (signal.aborted) return done();
    signal.addEventListener("abort", done, { once: true });
    stopped.addEventListener("abort", done, { once: true });
  });
}
