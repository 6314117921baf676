import { constants } from "node:os";

type Signal = "SIGINT" | "SIGTERM";

/** The command was stopped before it was done. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly exitCode: number;

  constructor(signal: Signal) {
    super(`Stopped by ${signal}.`);
    // What a shell says of a process that a signal ended.
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** Aborted, with a `Stopped` as its reason, by the first signal that asks the process to end. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => controller.abort(new Stopped(signal)));
  return controller.signal;
}

export const untilStopped = (stopped: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stopped.aborted) resolve();
    else stopped.addEventListener("abort", () => resolve(), { once: true });
  });

/** What is worked on, or `Stopped` if that comes first. */
export async function unlessStopped<T>(work: Promise<T>, stopped: AbortSignal): Promise<T> {
  const stop = untilStopped(stopped).then(() => stopped.throwIfAborted());
  // Whichever comes second is heard by nobody.
  work.catch(() => undefined);
  stop.catch(() => undefined);
  await Promise.race([work, stop]);
  return work;
}
