import { SpineError } from "#core/errors.ts";
import type { Clock } from "#ports/clock.ts";

/** The time that a batch has. */
export interface Budget {
  readonly spent: boolean;
  /** The work's outcome, or a SpineError once the time is spent; what it asked for may still happen. */
  within<T>(work: Promise<T>): Promise<T>;
  /** Releases its timer. */
  end(): void;
}

const UNBOUND: Budget = { spent: false, within: (work) => work, end: () => undefined };

export function startBudget(clock: Pick<Clock, "alarm">, endsAt: number | undefined): Budget {
  if (endsAt === undefined) return UNBOUND;
  const { signal, cancel } = clock.alarm(endsAt);
  return {
    get spent() {
      return signal.aborted;
    },
    within: (work) => until(signal, work),
    end: cancel,
  };
}

async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let tell: () => void = () => undefined;
  const spent = new Promise<never>((_, reject) => {
    tell = () => reject(timeIsUp());
    if (signal.aborted) tell();
    else signal.addEventListener("abort", tell);
  });
  try {
    return await Promise.race([work, spent]);
  } finally {
    signal.removeEventListener("abort", tell);
  }
}

export const timeIsUp = (): SpineError =>
  new SpineError("queue.rejected", "The batch's time is up; the retry queue relays the rest.", {
    retryable: true,
  });
