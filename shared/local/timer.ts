import type { Clock } from "#ports/clock.ts";

/** Runs `fire` at a time of the clock's; gives the way to cancel. */
export function startTimer(clock: Clock, at: number, fire: () => void): () => void {
  const { signal, cancel } = clock.alarm(at);
  let live = true;
  const run = () => {
    if (live) fire();
    live = false;
  };
  // Never at once, also where the time has come: whoever starts a timer has not finished its own work yet.
  if (signal.aborted) queueMicrotask(run);
  else signal.addEventListener("abort", run, { once: true });
  return () => {
    live = false;
    cancel();
  };
}
