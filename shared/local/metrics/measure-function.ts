import type { Clock } from "#ports/clock.ts";
import { InvocationFault, type LocalFaults } from "../faults/local-faults.ts";
import type { Invocation, LocalFunction } from "../lambda/lambda-function.ts";
import type { Recorder } from "./metric-store.ts";

export interface MeasureFunctionOptions {
  readonly recorder: Recorder;
  readonly clock: Pick<Clock, "now">;
  readonly faults: LocalFaults;
}

/**
 * The same function, whose invocations are measured as Lambda measures them: `Errors` and `Throttles` count zeros too, a
 * throttle is no invocation, and what a stream brings has an age. What runs takes the machine's time.
 */
export function measureFunction(inner: LocalFunction, options: MeasureFunctionOptions): LocalFunction {
  const { recorder, clock, faults } = options;
  const { name } = inner.config;
  const record = (metric: string, value: number) =>
    recorder.record(
      { namespace: "AWS/Lambda", name: metric, dimensions: { FunctionName: name } },
      value,
      clock.now(),
    );
  let running = 0;

  const measured = async (event: unknown, run: () => Promise<Invocation>): Promise<Invocation> => {
    const age = ageOfLast(event, clock.now());
    const started = performance.now();
    running += 1;
    record("ConcurrentExecutions", running);
    const outcome = faulty(faults.invocation?.(name)) ?? (await run());
    running -= 1;
    record("Throttles", outcome.type === "throttled" ? 1 : 0);
    if (outcome.type === "throttled") return outcome;
    record("Invocations", 1);
    record("Errors", outcome.type === "error" ? 1 : 0);
    record("Duration", performance.now() - started);
    if (age !== undefined) record("IteratorAge", age);
    return outcome;
  };

  return {
    config: inner.config,
    initTimesMs: inner.initTimesMs,
    used: () => inner.used(),
    get busy() {
      return inner.busy;
    },
    invoke: (event, call) => measured(event, () => inner.invoke(event, call)),
    async lease() {
      const lease = await inner.lease();
      return {
        invoke: (event, call) => measured(event, () => lease.invoke(event, call)),
        release: () => lease.release(),
      };
    },
    kill: (sessionToken) => inner.kill(sessionToken),
    killAtWork: (choose) => inner.killAtWork(choose),
    warm: () => inner.warm(),
    stop: () => inner.stop(),
  };
}

function faulty(fault: InvocationFault | undefined): Invocation | undefined {
  if (fault === undefined) return undefined;
  if (fault === InvocationFault.throttled)
    return { type: "throttled", reason: "ConcurrentInvocationLimitExceeded" };
  const errorMessage = "Runtime exited with signal SIGKILL";
  return { type: "error", error: { errorType: "Runtime.ExitError", errorMessage } };
}

/** How long ago the last record of a stream's batch was written, in ms; undefined where no stream brings the batch. */
function ageOfLast(event: unknown, now: number): number | undefined {
  const { Records } = event as {
    readonly Records?: readonly {
      readonly dynamodb?: { readonly ApproximateCreationDateTime?: number };
    }[];
  }; // anything may be sent to a function
  const written = Array.isArray(Records) ? Records.at(-1)?.dynamodb?.ApproximateCreationDateTime : undefined;
  // Streams tell the second.
  return written === undefined ? undefined : Math.max(0, now - written * 1_000);
}
