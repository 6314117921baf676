import type { Refusal } from "../throttling/concurrency-limit.ts";
import type { FunctionError } from "./process-messages.ts";

export interface FunctionConfig {
  readonly name: string;
  readonly arn: string;
  /** The file to load, and the name that it exports. */
  readonly file: string;
  readonly exportName: string;
  /** Runs it where it is in Python. @default it is a module of Node */
  readonly python?: PythonProgram;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** What its init may take outside an invocation. @default Lambda's 10 s */
  readonly initTimeoutMs?: number;
  readonly memoryMb: number;
}

/** How Lambda's runtime for Python finds a handler. */
export interface PythonProgram {
  /** The interpreter on this machine. */
  readonly interpreter: string;
  /** The function's folder, in which modules are looked for. */
  readonly folder: string;
  /** As the template names it: `module.function`. */
  readonly handler: string;
}

export type Invocation =
  | { readonly type: "ok"; readonly payload: string }
  | { readonly type: "error"; readonly error: FunctionError }
  /** It did not run: the account, or what is reserved for the function, has no more room. */
  | { readonly type: "throttled"; readonly reason: Refusal };

/** A part of a response that its function streams. */
export interface StreamPart {
  readonly bytes: Buffer;
  readonly contentType?: string | undefined;
}

/** Takes the parts of a streamed response; the function writes the next one when the promise resolves. Never rejects. */
export type StreamSink = (part: StreamPart) => Promise<void>;

export interface InvokeOptions {
  /** The trace that this call belongs to. @default a new one */
  readonly traceId?: string;
  /** Gets what the function streams. @default it is collected, and the payload of the whole */
  readonly sink?: StreamSink;
}

export interface CallOptions extends InvokeOptions {
  /** Aborts when the caller has gone: an invocation that still waits for a process is then dropped. */
  readonly gone?: AbortSignal;
}

/** A process that is kept for one invocation; to be let go of, used or not. */
export interface Lease {
  /** A function's error, or a throttle, is an answer, never a rejection. */
  invoke(event: unknown, options?: InvokeOptions): Promise<Invocation>;
  release(): void;
}

export interface ProcessorUse {
  readonly invocations: number;
  /** Of a processor, in user and system mode. */
  readonly cpuMs: number;
}

/** A function with the processes that run it. */
export interface LocalFunction {
  readonly config: FunctionConfig;
  /** Waits for a free process when all are busy. A function's error, or a throttle, is an answer, never a rejection. */
  invoke(event: unknown, options?: CallOptions): Promise<Invocation>;
  /** A process of its own, in line with all who wait for one. */
  lease(): Promise<Lease>;
  /**
   * Ends its processes, or only the one with this session token, with SIGKILL, whatever they do; the next invocation
   * starts a new one. Gives their number.
   */
  kill(sessionToken?: string): number;
  /** Ends one process in the middle of an invocation with SIGKILL: the one that `choose` picks. False if all are idle. */
  killAtWork(choose: (count: number) => number): boolean;
  /** How long each process that was started took to be ready. */
  readonly initTimesMs: readonly number[];
  /** What its processes have used for invocations so far, their starts left out. */
  used(): ProcessorUse;
  /** Invocations that run or wait. */
  readonly busy: number;
  /** Resolves when a process is ready, or has failed to be. */
  warm(): Promise<void>;
  stop(): Promise<void>;
}
