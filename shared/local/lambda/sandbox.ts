import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setPriority } from "node:os";
import { createInterface } from "node:readline";
import { deferred } from "../deferred.ts";
import { startTimer } from "../timer.ts";
import type { LocalClock } from "../local-clock.ts";
import { randomKeyId, randomSecret, type AccessKey } from "../signing/access-key.ts";
import { collectParts } from "./collect-parts.ts";
import type { FunctionConfig, Invocation, InvokeOptions, StreamSink } from "./lambda-function.ts";
import type { FromProcess, FunctionError, PartMessage, ToProcess } from "./process-messages.ts";
import { waitedForProcessorMs } from "./processor-wait.ts";
import { residentBytes } from "./resident-memory.ts";
import { startProcess } from "./start-process.ts";

/** Of its own time: what a busy machine lets it wait for a processor does not count. */
const INIT_TIMEOUT_MS = 10_000;
const INIT_CHECK_MS = 250;
/** Functions step back behind the endpoints that they wait for: with those starved, every call would run out of time. */
const NICENESS = 5;
const MEMORY_CHECK_MS = 100;
const MB = 1_048_576;

/** One process of a function: one invocation at a time, ended when it runs too long, takes too much, or dies. */
export interface Sandbox {
  /** Resolves to the milliseconds that its start took; rejects if the handler could not be loaded. */
  readonly ready: Promise<number>;
  readonly alive: boolean;
  /** Goes with each of its requests to AWS, and so tells which process of which function asks. */
  readonly sessionToken: string;
  invoke(event: unknown, options: InvokeOptions): Promise<Invocation>;
  kill(): void;
  /** Resolves when the process has gone. */
  readonly gone: Promise<void>;
}

export interface SandboxOptions {
  readonly clock: LocalClock;
  readonly onLog: (line: string) => void;
  /** Told what each invocation took of a processor. @default nobody is */
  readonly onCpu?: (cpuMs: number) => void;
  /** Told of the credentials that the process signs with, before it starts. */
  readonly enroll: (key: AccessKey) => void;
  /** Its init has the time of the invocation that waits for it, and leaves it the rest. @default Lambda's 10 s */
  readonly initInInvocation?: boolean;
}

export function startSandbox(
  config: FunctionConfig,
  { clock, onLog, onCpu, enroll, initInInvocation = false }: SandboxOptions,
): Sandbox {
  const sessionToken = sessionTokenOf(config.name);
  let aheadMs = 0;
  const key: AccessKey = {
    accessKeyId: randomKeyId(),
    secretAccessKey: randomSecret(),
    sessionToken,
    now: () => Date.now() + aheadMs,
  };
  enroll(key);
  const child = startProcess(config, {
    ...config.environment,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  });
  if (child.pid !== undefined) setPriority(child.pid, NICENESS);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on("line", onLog);
  }

  let current: Running | undefined;
  let causeOfDeath: FunctionError | undefined;
  const { promise: ready, resolve: isReady, reject: isNotReady } = deferred<number>();
  const { promise: gone, resolve: isGone } = deferred<void>();
  // Whoever invokes awaits it too; without a listener of its own a failed init would end this process.
  ready.catch(() => undefined);

  const kill = (error: FunctionError) => {
    causeOfDeath ??= error;
    child.kill("SIGKILL");
  };
  const begun = performance.now();
  const initLimitMs = initInInvocation ? config.timeoutMs : (config.initTimeoutMs ?? INIT_TIMEOUT_MS);
  let initIsLate = false;
  /** Taken from the time of the first invocation. */
  let carriedMs = 0;
  const ownMs = () =>
    performance.now() - begun - (child.pid === undefined ? 0 : waitedForProcessorMs(child.pid));
  const initTimer = setInterval(() => {
    if (ownMs() <= initLimitMs) return;
    initIsLate = true;
    const errorMessage = initInInvocation
      ? `Task timed out after ${(config.timeoutMs / 1_000).toFixed(2)} seconds, in its init`
      : `Init of ${config.name} took over ${initLimitMs} ms.`;
    kill({ errorType: "Sandbox.Timedout", errorMessage });
  }, INIT_CHECK_MS);

  child.on("message", (message: FromProcess) => {
    switch (message.type) {
      case "ready":
        clearInterval(initTimer);
        if (initInInvocation) carriedMs = ownMs();
        return isReady(message.initMs);
      case "init-failed":
        causeOfDeath = message.error;
        return;
      case "done":
        onCpu?.(message.cpuMs);
        if (message.id === current?.id)
          current.finish({ type: "ok", payload: message.payload ?? current.collected() });
        return;
      case "part":
        if (message.id === current?.id) void handOn(message, current.sink);
        return;
      case "failed":
        onCpu?.(message.cpuMs);
        if (message.id === current?.id) current.finish({ type: "error", error: message.error });
        return;
    }
  });
  const handOn = async ({ id, bytes, contentType }: PartMessage, sink: StreamSink) => {
    await sink({ bytes: Buffer.from(bytes, "base64"), contentType });
    sendTo(child, { type: "taken", id });
  };
  child.once("error", (error) => kill({ errorType: "Runtime.ExitError", errorMessage: error.message }));
  child.once("close", (code, signal) => {
    clearInterval(initTimer);
    const error = causeOfDeath ?? {
      errorType: "Runtime.ExitError",
      errorMessage: `Runtime exited with ${signal === null ? `exit status ${code}` : `signal ${signal}`}`,
    };
    isNotReady(new InitError(error, initIsLate));
    current?.finish({ type: "error", error });
    isGone();
  });

  return {
    ready,
    gone,
    sessionToken,
    get alive() {
      return child.exitCode === null && child.signalCode === null && causeOfDeath === undefined;
    },
    kill: () => kill({ errorType: "Runtime.ExitError", errorMessage: "Runtime exited with signal SIGKILL" }),
    invoke(event, { traceId = newTraceId(), sink }) {
      const id = randomUUID();
      const whole = collectParts();
      const { promise, resolve } = deferred<Invocation>();
      const timeoutMs = Math.ceil(config.timeoutMs - carriedMs);
      carriedMs = 0;
      // What this process is kept from its turns is no time of the function's: its answer may wait to be read.
      const { unmoved } = clock;
      const stopTimeout = startTimer(unmoved, unmoved.now() + timeoutMs, () => {
        const errorMessage = `${id} Task timed out after ${(config.timeoutMs / 1_000).toFixed(2)} seconds`;
        kill({ errorType: "Sandbox.Timedout", errorMessage });
      });
      const memory = setInterval(() => {
        const bytes = child.pid === undefined ? undefined : residentBytes(child.pid);
        if (bytes === undefined || bytes <= config.memoryMb * MB) return;
        const errorMessage = `Runtime exited: ${Math.round(bytes / MB)} MB used of ${config.memoryMb} MB (OutOfMemory)`;
        kill({ errorType: "Runtime.OutOfMemory", errorMessage });
      }, MEMORY_CHECK_MS);
      current = {
        id,
        sink: sink ?? whole.sink,
        collected: whole.text,
        finish: (outcome) => {
          stopTimeout();
          clearInterval(memory);
          current = undefined;
          resolve(outcome);
        },
      };
      const deadline = Date.now() + timeoutMs;
      ({ aheadMs } = clock);
      sendTo(child, { type: "invoke", id, event, deadline, aheadMs, traceId });
      return promise;
    },
  };
}

interface Running {
  readonly id: string;
  readonly sink: StreamSink;
  /** What was streamed to nobody. */
  readonly collected: () => string;
  readonly finish: (outcome: Invocation) => void;
}

/** The handler could not be loaded, or its process died before it was. */
export class InitError extends Error {
  readonly error: FunctionError;
  /** It was ended for taking too long. */
  readonly late: boolean;

  constructor(error: FunctionError, late: boolean) {
    super(`${error.errorType}: ${error.errorMessage}`);
    this.error = error;
    this.late = late;
  }
}

// A function's name has no dot.
const sessionTokenOf = (functionName: string): string => `${functionName}.${randomUUID()}`;

/** The function whose process was given a session token. */
export const functionOfToken = (sessionToken: string): string => sessionToken.split(".")[0] ?? "";

function sendTo(child: ChildProcess, message: ToProcess): void {
  // A process that is just dying cannot be written to: its "close" says so.
  child.send(message, () => undefined);
}

function newTraceId(): string {
  const hex = randomUUID().replaceAll("-", "");
  return `Root=1-${Math.floor(Date.now() / 1_000).toString(16)}-${hex.slice(0, 24)};Parent=${hex.slice(0, 16)};Sampled=0`;
}
