import { setTimeout as pause } from "node:timers/promises";
import type { StreamEventRecord } from "../dynamodb/table-stream.ts";
import { readStreamAnswer } from "./stream-answer.ts";
import { streamLetter } from "./stream-letter.ts";
import type { StreamPollerOptions } from "./stream-poller.ts";

export interface StreamLane {
  push(record: StreamEventRecord): void;
  readonly busy: boolean;
  stop(): Promise<void>;
}

export interface StreamLaneOptions {
  readonly shard: number;
  /** How long the n-th batch waits before it is read, ms. */
  readonly waitMs: (batch: number) => number;
}

const RETRY_PAUSE_MS = 100;
const LONGEST_RETRY_PAUSE_MS = 5_000;

/**
 * One of the batches that run side by side: records in the order in which they came, one batch at a time. A batch that
 * fails is tried again, halved before if the mapping says so, and given up in the end; halving costs no retry.
 */
export function createStreamLane(options: StreamPollerOptions, lane: StreamLaneOptions): StreamLane {
  const { target, batchSize, retryAttempts, bisectOnError, reportBatchItemFailures, onFailure } = options;
  const waiting: StreamEventRecord[] = [];
  const stopping = new AbortController();
  const { signal } = stopping;
  let batches = 0;
  let running: Promise<void> | undefined;

  const sleep = (ms: number) => pause(ms, undefined, { signal }).catch(() => undefined);
  const backOff = (tried: number) => sleep(Math.min(LONGEST_RETRY_PAUSE_MS, RETRY_PAUSE_MS * 2 ** tried));

  /** Works on these records until they have succeeded or are given up. */
  const deliver = async (records: readonly StreamEventRecord[], tried: number): Promise<void> => {
    if (signal.aborted) return;
    const outcome = await target.invoke({ Records: records });
    // What never ran has used up no retry: it is tried for as long as the records are in the stream.
    if (outcome.type === "throttled") {
      await backOff(tried);
      return deliver(records, tried);
    }
    const functionFailed = outcome.type === "error";
    const failedFrom =
      outcome.type === "error"
        ? "everything"
        : reportBatchItemFailures
          ? readStreamAnswer(records, outcome.payload)
          : records.length;
    const left = failedFrom === "everything" ? records : records.slice(failedFrom);
    if (left.length === 0 || signal.aborted) return;
    // Whatever the retries: each half is a batch of its own, with all of them.
    if (failedFrom === "everything" && bisectOnError && left.length > 1) {
      await backOff(tried);
      const middle = Math.ceil(left.length / 2);
      await deliver(left.slice(0, middle), tried);
      return deliver(left.slice(middle), tried);
    }
    // Records that went well before the failed one are progress: the rest counts as a batch of its own.
    const progress = left.length < records.length;
    if (!progress && retryAttempts !== undefined && tried >= retryAttempts) {
      onFailure?.(
        streamLetter(left, { ...options, shard: lane.shard, invocations: tried + 1, functionFailed }),
      );
      return;
    }
    await backOff(progress ? 0 : tried);
    return deliver(left, progress ? 0 : tried + 1);
  };

  const run = async (): Promise<void> => {
    while (waiting.length > 0 && !signal.aborted) {
      batches += 1;
      // What arrives meanwhile goes into the same batch.
      await sleep(lane.waitMs(batches));
      if (signal.aborted) break;
      options.counted("GetRecords");
      await deliver(waiting.splice(0, batchSize), 0);
    }
    running = undefined;
  };

  return {
    push(record) {
      waiting.push(record);
      running ??= run();
    },
    get busy() {
      return running !== undefined;
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
