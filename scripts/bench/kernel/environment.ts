import type { LatencyName } from "../params.ts";
import type { FunctionPool, FunctionSpec, Outcome } from "./function-pool.ts";
import { asError, type Kernel, type Label } from "./kernel.ts";
import type { Meter } from "./meter.ts";

/** What AWS answered in the place of a result. */
export class ServiceError extends Error {
  readonly kind: "unavailable" | "throttled";

  constructor(kind: ServiceError["kind"], what: string) {
    super(`${what}: ${kind}.`);
    this.kind = kind;
  }
}

/** A function that was invoked ended in an error: for the SDK that is an answer, and is not tried again. */
export class FunctionError extends Error {}

/** A caller has waited as long as it wanted to. What it asked for goes on. */
export class CallTimeout extends Error {}

export interface CallOptions {
  /** How long the caller waits. @default for ever, as the SDK does */
  readonly deadlineMs?: number;
  /** Tries in all. @default what the SDK's standard mode does */
  readonly attempts?: number;
}

/** An invocation dies at one of its first calls, if it does. */
const DIES_WITHIN_CALLS = 6;

/** What stays in an environment from one invocation to the next. */
export class Process {
  readonly #kept = new Map<string, unknown>();

  /** What was made under this name in an earlier invocation, or now. */
  kept<T>(name: string, make: () => T): T {
    if (!this.#kept.has(name)) this.#kept.set(name, make());
    // Of one name everybody makes the same.
    return this.#kept.get(name) as T;
  }
}

/** One running invocation: a single thread with a share of a processor, which calls services one way or side by side. */
export class Environment {
  readonly label: Label;
  readonly kernel: Kernel;
  readonly process: Process;
  onDeath: (() => void) | undefined;
  readonly #spec: FunctionSpec;
  readonly #meter: Meter;
  readonly #diesAtCall: number;
  #calls = 0;
  #alive = true;
  #busyUntil = 0;

  constructor(
    kernel: Kernel,
    meter: Meter,
    {
      label,
      spec,
      process = new Process(),
    }: { readonly label: Label; readonly spec: FunctionSpec; readonly process?: Process },
  ) {
    this.kernel = kernel;
    this.label = label;
    this.process = process;
    this.#spec = spec;
    this.#meter = meter;
    const { environmentDies } = kernel.params.faults;
    this.#diesAtCall = kernel.goesWrong(label, "dies", environmentDies)
      ? Math.floor(kernel.draw(label, "dies at call") * DIES_WITHIN_CALLS)
      : Infinity;
  }

  /** Ends all that it would still have done; what it has asked for happens. */
  die(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.onDeath?.();
  }

  /** Takes CPU: as long as the share of a processor makes it, one piece of work after another. */
  async cpu(ms: number, cause = this.#spec.cause): Promise<void> {
    const { kernel } = this;
    const { fullProcessorMb } = kernel.params.functions;
    this.#meter.cpu(cause, ms);
    const took = ms / Math.min(1, this.#spec.memoryMb / fullProcessorMb);
    this.#busyUntil = Math.max(this.#busyUntil, kernel.now) + took;
    await this.#pause(this.#busyUntil - kernel.now);
  }

  /** Time that takes nothing of the processor. */
  sleep(ms: number): Promise<void> {
    return this.#pause(ms);
  }

  /** Asks a service: its effect happens on half of the way. */
  call<T>(
    service: LatencyName,
    operation: string,
    perform: () => T | Promise<T>,
    options: CallOptions = {},
  ): Promise<T> {
    return this.#tried(service === "read" || service === "write", options, () =>
      this.#once(service, operation, perform),
    );
  }

  /** Invokes a function and waits for it. */
  invoke<T>(
    pool: FunctionPool,
    label: Label,
    work: (environment: Environment) => Promise<T>,
    options: CallOptions = {},
  ): Promise<T> {
    return this.#tried(false, options, () =>
      this.#once("invoke", "Invoke", () => startAndAwait(pool, label, work)),
    );
  }

  /** One call of the SDK, tried again as its standard mode does. */
  async #tried<T>(
    isDynamo: boolean,
    { deadlineMs, attempts }: CallOptions,
    once: () => Promise<T>,
  ): Promise<T> {
    const { sdk } = this.kernel.params;
    const most = attempts ?? (isDynamo ? sdk.attemptsDynamo : sdk.attempts);
    const until = deadlineMs === undefined ? Infinity : this.kernel.now + deadlineMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.cpu(this.kernel.params.cpu.sdkCall);
        return await this.#before(until, once());
      } catch (error) {
        if (!(error instanceof ServiceError) || attempt >= most) throw error;
        const base =
          error.kind === "throttled" ? sdk.baseThrottledMs : isDynamo ? sdk.baseDynamoMs : sdk.baseMs;
        const longest = Math.min(sdk.capMs, base * 2 ** (attempt - 1));
        const pause = this.kernel.draw(this.label, "retry pause") * longest;
        if (this.kernel.now + pause >= until) throw new CallTimeout("The call ran out of time.");
        await this.#pause(pause);
      }
    }
  }

  #once<T>(service: LatencyName, operation: string, perform: () => T | Promise<T>): Promise<T> {
    const { kernel, label } = this;
    const { faults } = kernel.params;
    this.#calls += 1;
    if (this.#calls > this.#diesAtCall) this.die();
    if (!this.#alive) return new Promise(() => undefined);
    this.#meter.request(operation);
    const ms = kernel.latency(label, service);
    return new Promise((resolve, reject) => {
      kernel.after(ms / 2, () => {
        const back = (then: () => void) => void kernel.after(ms / 2, () => this.#alive && then());
        if (kernel.goesWrong(label, `${service} error`, faults.serviceError))
          return back(() => reject(new ServiceError("unavailable", operation)));
        Promise.resolve()
          .then(perform)
          .then(
            (value) => {
              if (kernel.goesWrong(label, `${service} lost`, faults.answerLost))
                back(() => reject(new ServiceError("unavailable", operation)));
              else back(() => resolve(value));
            },
            (error: unknown) => back(() => reject(asError(error))),
          );
      });
    });
  }

  /** A dead environment hears of nothing any more, not even that a time is over. */
  #before<T>(until: number, work: Promise<T>): Promise<T> {
    if (until === Infinity) return work;
    return this.kernel.before(until, work, () => {
      if (!this.#alive) return new Promise(() => undefined);
      throw new CallTimeout("The call ran out of time.");
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.kernel.after(ms, () => this.#alive && resolve()));
  }
}

/** What Lambda does with a synchronous invocation: refuses it, or answers when it has ended. */
export function startAndAwait<T>(
  pool: FunctionPool,
  label: Label,
  work: (environment: Environment) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const started = pool.start<T>(label, work, (outcome: Outcome<T>) => {
      if (outcome.type === "ok") resolve(outcome.value);
      else reject(new FunctionError(outcome.error.message));
    });
    if (!started) reject(new ServiceError("throttled", pool.spec.name));
  });
}
