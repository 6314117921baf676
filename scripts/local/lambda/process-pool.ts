import type { LocalClock } from "../local-clock.ts";
import type { FunctionConfig, Invocation, InvokeOptions, LocalFunction } from "./lambda-function.ts";
import { InitError, startSandbox, type Sandbox } from "./sandbox.ts";

export interface ProcessPoolOptions {
  readonly clock: LocalClock;
  /** Processes at once; what is more waits for its turn. */
  readonly maxProcesses: number;
  readonly onLog: (line: string) => void;
  /** Told how long each process took to be ready. */
  readonly onInit: (initMs: number) => void;
  /** Told of every invocation that ends in an error. */
  readonly onError: (message: string) => void;
}

/**
 * Runs a function in up to `maxProcesses` processes, each with one invocation at a time, as Lambda's environments. A
 * process that crashed, ran out of time or memory is replaced by the next invocation. Unlike on Lambda, processes are
 * not frozen between invocations, and invocations beyond the bound wait where Lambda would throttle them.
 */
export function createProcessPool(config: FunctionConfig, options: ProcessPoolOptions): LocalFunction {
  const { clock, maxProcesses, onLog, onInit, onError } = options;
  const sandboxes = new Set<Sandbox>();
  const idle: Sandbox[] = [];
  const waiting: ((sandbox: Sandbox) => void)[] = [];
  const initTimesMs: number[] = [];
  let busy = 0;
  let stopped = false;

  const start = (): Sandbox => {
    const sandbox = startSandbox(config, clock, onLog);
    sandboxes.add(sandbox);
    void sandbox.ready.then(
      (initMs) => {
        initTimesMs.push(initMs);
        onInit(initMs);
      },
      () => undefined, // whoever acquired it hears of it
    );
    void sandbox.gone.then(() => {
      sandboxes.delete(sandbox);
      const at = idle.indexOf(sandbox);
      if (at >= 0) idle.splice(at, 1);
      const next = waiting.shift();
      if (next !== undefined && !stopped) next(start());
    });
    return sandbox;
  };

  const acquire = (): Promise<Sandbox> => {
    for (let sandbox = idle.pop(); sandbox !== undefined; sandbox = idle.pop()) {
      if (sandbox.alive) return Promise.resolve(sandbox);
    }
    if (sandboxes.size < maxProcesses) return Promise.resolve(start());
    return new Promise((resolve) => waiting.push(resolve));
  };

  /** A process that died is replaced when it has gone, so that there are never more than the bound. */
  const release = (sandbox: Sandbox) => {
    if (!sandbox.alive) return;
    const next = waiting.shift();
    if (next === undefined) idle.push(sandbox);
    else next(sandbox);
  };

  const run = async (event: unknown, invokeOptions: InvokeOptions): Promise<Invocation> => {
    if (stopped)
      return { type: "error", error: { errorType: "Stopped", errorMessage: `${config.name} is stopped.` } };
    const sandbox = await acquire();
    try {
      await sandbox.ready;
      return await sandbox.invoke(event, invokeOptions);
    } catch (error) {
      if (error instanceof InitError) return { type: "error", error: error.error };
      throw error;
    } finally {
      release(sandbox);
    }
  };

  return {
    config,
    initTimesMs,
    get busy() {
      return busy;
    },
    async invoke(event, invokeOptions = {}) {
      busy += 1;
      try {
        const outcome = await run(event, invokeOptions);
        if (outcome.type === "error" && !stopped)
          onError(`${outcome.error.errorType}: ${outcome.error.errorMessage}`);
        return outcome;
      } finally {
        busy -= 1;
      }
    },
    kill(sessionToken) {
      const killed = [...sandboxes].filter(
        (sandbox) => sandbox.alive && (sessionToken ?? sandbox.sessionToken) === sandbox.sessionToken,
      );
      for (const sandbox of killed) sandbox.kill();
      return killed.length;
    },
    async warm() {
      const sandbox = await acquire();
      await sandbox.ready.catch((error: unknown) => onError(String(error)));
      release(sandbox);
    },
    async stop() {
      stopped = true;
      const going = [...sandboxes];
      for (const sandbox of going) sandbox.kill();
      await Promise.all(going.map(({ gone }) => gone));
    },
  };
}
