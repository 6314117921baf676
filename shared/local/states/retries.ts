import type { Clock } from "#ports/clock.ts";
import { until } from "./pause.ts";
import { DATA_LIMIT } from "./data-limit.ts";
import { TIMEOUT } from "./states-error.ts";

/** An entry of a task's `Retry`. */
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxAttempts?: number;
  readonly MaxDelaySeconds?: number;
}

/**
 * Tries a task as its retriers say. Where AWS picks a pause at random (`JitterStrategy: FULL`), here it is the longest.
 */
export async function withRetries<T>(
  retriers: readonly Retrier[],
  clock: Clock,
  stopped: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  const retried = new Map<Retrier, number>();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const retrier = retriers.find(({ ErrorEquals }) => ErrorEquals.some((name) => matches(name, error)));
      const times = retrier === undefined ? 0 : (retried.get(retrier) ?? 0);
      if (retrier === undefined || times >= (retrier.MaxAttempts ?? 3) || stopped.aborted) throw error;
      retried.set(retrier, times + 1);
      await until(clock, clock.now() + pauseMs(retrier, times), stopped);
    }
  }
}

function pauseMs(retrier: Retrier, times: number): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Infinity } = retrier;
  return Math.min(IntervalSeconds * BackoffRate ** times, MaxDelaySeconds) * 1_000;
}

function matches(name: string, error: unknown): boolean {
  const thrown = error instanceof Error ? error.name : "";
  if (thrown === DATA_LIMIT) return false;
  return name === "States.ALL" || name === thrown || (name === "States.TaskFailed" && thrown !== TIMEOUT);
}
