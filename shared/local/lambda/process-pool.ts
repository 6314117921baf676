import type { Concurrency } from "../throttling/concurrency-limit.ts";
import type { Turns } from "../turns.ts";
import type { FunctionConfig, Invocation, InvokeOptions, Lease, LocalFunction } from "./lambda-function.ts";
import type { FunctionError } from "./process-messages.ts";
import { InitError, startSandbox, type Sandbox, type SandboxOptions } from "./sandbox.ts";

export interface ProcessPoolOptions extends SandboxOptions {
  /** Processes at once; what is more waits for its turn. */
  readonly maxProcesses: number;
  /** The account's, which Lambda throttles by. */
  readonly concurrency: Concurrency;
  /** Shared by all functions: a start is all CPU, and many at once would each take as long as all of them. */
  readonly starts: Turns;
  /** Told how long each process took to be ready. */
  readonly onInit: (initMs: number) => void;
  /** Told of every invocation that ends in an error. */
  readonly onError: (message: string) => void;
}

/** What comes to whoever waits for a process: one that is ready, or why there is none. */
type Found = { readonly sandbox: Sandbox } | { readonly error: FunctionError };

/**
 * Runs a function in up to `maxProcesses` processes, each with one invocation at a time, as Lambda's environments. A
 * process that crashed, ran out of time or memory is replaced when somebody waits for one. Unlike on Lambda, processes
 * are not frozen between invocations; and what the account's concurrency lets in waits for one of these processes.
 */
export function createProcessPool(config: FunctionConfig, options: ProcessPoolOptions): LocalFunction {
  const { clock, maxProcesses, concurrency, starts, enroll, onLog, onInit, onError } = options;
  const sandboxes = new Set<Sandbox>();
  const idle: Sandbox[] = [];
  const atWork = new Set<Sandbox>();
  const waiting: ((found: Found) => void)[] = [];
  const initTimesMs: number[] = [];
  const used = { invocations: 0, cpuMs: 0 };
  let places = 0;
  let starting = 0;
  let busy = 0;
  let stopped = false;

  /** Who is first in line gets the process that is ready first: the one that starts, or one that is let go of. */
  const start = async (): Promise<void> => {
    places += 1;
    starting += 1;
    // Everybody's first process comes before anybody's second.
    const leave = await starts.enter(places);
    try {
      if (stopped || waiting.length === 0) places -= 1;
      else await startOne();
    } finally {
      starting -= 1;
      leave();
    }
  };

  const startOne = async (again = false): Promise<void> => {
    const onCpu = (cpuMs: number) => {
      used.invocations += 1;
      used.cpuMs += cpuMs;
    };
    const sandbox = startSandbox(config, { clock, onLog, onCpu, enroll, initInInvocation: again });
    sandboxes.add(sandbox);
    void sandbox.gone.then(() => {
      sandboxes.delete(sandbox);
      places -= 1;
      startWhereNeeded();
    });
    try {
      const initMs = await sandbox.ready;
      initTimesMs.push(initMs);
      onInit(initMs);
      offer(sandbox);
    } catch (error) {
      if (!(error instanceof InitError)) throw error;
      if (!error.late || again || stopped) return void waiting.shift()?.({ error: error.error });
      // As AWS: what took too long for an init is run once more, in the invocation and on its time.
      await sandbox.gone;
      places += 1;
      await startOne(true);
    }
  };

  const startWhereNeeded = () => {
    while (!stopped && starting < waiting.length && places < maxProcesses) void start();
  };

  /** A process that died is replaced when it has gone, so that there are never more than the bound. */
  const offer = (sandbox: Sandbox) => {
    if (!sandbox.alive) return;
    const next = waiting.shift();
    if (next === undefined) idle.push(sandbox);
    else next({ sandbox });
  };

  const find = (gone?: AbortSignal): Promise<Found> => {
    if (stopped) return Promise.resolve({ error: stoppedError(config) });
    for (let sandbox = idle.pop(); sandbox !== undefined; sandbox = idle.pop()) {
      if (sandbox.alive) return Promise.resolve({ sandbox });
    }
    return new Promise((resolve) => {
      const settle = (found: Found) => {
        gone?.removeEventListener("abort", drop);
        resolve(found);
      };
      const drop = () => {
        waiting.splice(waiting.indexOf(settle), 1);
        resolve({ error: { errorType: "Dropped", errorMessage: "The caller has disconnected." } });
      };
      waiting.push(settle);
      gone?.addEventListener("abort", drop, { once: true });
      startWhereNeeded();
    });
  };

  const run = async (found: Found, event: unknown, call: InvokeOptions): Promise<Invocation> => {
    if ("error" in found) return { type: "error", error: found.error };
    const { sandbox } = found;
    atWork.add(sandbox);
    try {
      return await sandbox.invoke(event, call);
    } finally {
      atWork.delete(sandbox);
    }
  };

  /** Counts and tells what becomes of an invocation, from its place in line to its end. */
  const watched = async (invocation: () => Promise<Invocation>): Promise<Invocation> => {
    const refusal = concurrency.enter(config.name);
    if (refusal !== undefined) return { type: "throttled", reason: refusal };
    busy += 1;
    try {
      const outcome = await invocation();
      if (outcome.type === "error" && !stopped)
        onError(`${outcome.error.errorType}: ${outcome.error.errorMessage}`);
      return outcome;
    } finally {
      busy -= 1;
      concurrency.leave(config.name);
    }
  };

  const letGo = (found: Found) => {
    if ("sandbox" in found) offer(found.sandbox);
  };

  return {
    config,
    initTimesMs,
    used: () => ({ ...used }),
    get busy() {
      return busy;
    },
    invoke: (event, { gone, ...call } = {}) =>
      watched(async () => {
        const found = await find(gone);
        try {
          return await run(found, event, call);
        } finally {
          letGo(found);
        }
      }),
    async lease(): Promise<Lease> {
      const found = await find();
      return {
        invoke: (event, call = {}) => watched(() => run(found, event, call)),
        release: () => letGo(found),
      };
    },
    kill(sessionToken) {
      const killed = [...sandboxes].filter(
        (sandbox) => sandbox.alive && (sessionToken ?? sandbox.sessionToken) === sandbox.sessionToken,
      );
      for (const sandbox of killed) sandbox.kill();
      return killed.length;
    },
    killAtWork(choose) {
      const victims = [...atWork].filter(({ alive }) => alive);
      const victim = victims[choose(victims.length)];
      victim?.kill();
      return victim !== undefined;
    },
    async warm() {
      const found = await find();
      if ("error" in found) onError(`${found.error.errorType}: ${found.error.errorMessage}`);
      letGo(found);
    },
    async stop() {
      stopped = true;
      for (const settle of waiting.splice(0)) settle({ error: stoppedError(config) });
      const going = [...sandboxes];
      for (const sandbox of going) sandbox.kill();
      await Promise.all(going.map(({ gone }) => gone));
    },
  };
}

const stoppedError = ({ name }: FunctionConfig): FunctionError => ({
  errorType: "Stopped",
  errorMessage: `${name} is stopped.`,
});
