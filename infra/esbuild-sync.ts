import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from "node:worker_threads";
import type { BuildOptions, Metafile } from "esbuild";

export interface Built {
  readonly outputFiles: readonly { readonly path: string; readonly contents: Uint8Array }[];
  readonly metafile: Metafile;
}

/** What the worker is asked: to build, and to say so on the port and by the signal. */
export interface BuildOrder {
  readonly options: BuildOptions;
  readonly port: MessagePort;
  readonly signal: Int32Array;
}

export type BuildAnswer = { readonly built: Built } | { readonly error: string };

/** The CDK builds a tree of constructs without waiting, and esbuild takes plugins only if it may be waited for. */
let worker: Worker | undefined;

/** A build takes a second or two; a thread that cannot start would be waited for without end. */
const LONGEST_BUILD_MS = 300_000;

/** Builds in a thread, with the SDK's modules in their lean form, and waits. */
export function buildWithLeanSdk(options: BuildOptions): Built {
  worker ??= new Worker(new URL("./esbuild-worker.ts", import.meta.url));
  worker.unref();
  const { port1, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const order: BuildOrder = { options, port: port2, signal };
  worker.postMessage(order, [port2]);
  if (Atomics.wait(signal, 0, 0, LONGEST_BUILD_MS) === "timed-out")
    throw new Error(`The build did not end within ${LONGEST_BUILD_MS / 1_000} s.`);
  // The answer was posted before the signal.
  const answer = receiveMessageOnPort(port1)?.message as BuildAnswer;
  port1.close();
  if ("error" in answer) throw new Error(answer.error);
  return answer.built;
}
