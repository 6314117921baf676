import type { StreamEventRecord, TableStream } from "../dynamodb/table-stream.ts";
import type { EventTest } from "../events/pattern.ts";
import type { LocalFunction } from "../lambda/lambda-function.ts";
import type { Poller } from "./queue-poller.ts";

export interface StreamPollerOptions {
  readonly stream: TableStream;
  readonly target: Pick<LocalFunction, "config" | "invoke">;
  /** 1 to 10,000. */
  readonly batchSize: number;
  /** Batches of one shard side by side, 1 to 10; a partition's records stay in order. */
  readonly parallelizationFactor: number;
  /** Tries after the first; undefined for as long as it takes, which blocks the records behind. */
  readonly retryAttempts: number | undefined;
  readonly bisectOnError: boolean;
  readonly reportBatchItemFailures: boolean;
  /** A record goes on if any of them matches, or if there is none. */
  readonly filters: readonly EventTest[];
  /** Gets what is told of records that are given up; without it they are dropped. */
  readonly onFailure: ((letter: object) => void) | undefined;
  readonly counted: (operation: "GetRecords") => void;
}

/** A new on-demand table has four partitions. */
const SHARDS = 4;
const RETRY_PAUSE_MS = 100;
const LONGEST_RETRY_PAUSE_MS = 5_000;

/**
 * Lambda's poller on a table's stream: records of one partition in order, one batch at a time; a batch that fails is
 * tried again, then halved if the mapping says so, and given up in the end. AWS looks four times a second; here at once.
 */
export function startStreamPoller(options: StreamPollerOptions): Poller {
  const lanes = Array.from({ length: SHARDS * options.parallelizationFactor }, (_, at) =>
    createLane(at, options),
  );
  const unsubscribe = options.stream.subscribe((record, partition) => {
    const passes = options.filters.length === 0 || options.filters.some((matches) => matches(record));
    if (passes) lanes[hashOf(partition) % lanes.length]?.push(record);
  });
  return {
    get busy() {
      return lanes.filter(({ busy }) => busy).length;
    },
    async stop() {
      unsubscribe();
      await Promise.all(lanes.map((lane) => lane.stop()));
    },
  };
}

interface Lane {
  push(record: StreamEventRecord): void;
  readonly busy: boolean;
  stop(): Promise<void>;
}

function createLane(number: number, options: StreamPollerOptions): Lane {
  const { target, batchSize, retryAttempts, bisectOnError, reportBatchItemFailures, onFailure } = options;
  const waiting: StreamEventRecord[] = [];
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  /** Works on these records until they have succeeded or are given up. */
  const settle = async (records: readonly StreamEventRecord[], tried: number): Promise<void> => {
    if (stopping.signal.aborted) return;
    const outcome = await target.invoke({ Records: records });
    // What never ran has used up no retry: it is tried for as long as the records are in the stream.
    if (outcome.type === "throttled") {
      await pause(RETRY_PAUSE_MS, stopping.signal);
      return settle(records, tried);
    }
    const failedFrom =
      outcome.type === "error"
        ? 0
        : reportBatchItemFailures
          ? firstFailure(records, outcome.payload)
          : records.length;
    const left = records.slice(failedFrom);
    if (left.length === 0 || stopping.signal.aborted) return;
    if (retryAttempts !== undefined && tried >= retryAttempts) {
      onFailure?.(letterOf(left, number, options, outcome.type === "error"));
      return;
    }
    await pause(Math.min(LONGEST_RETRY_PAUSE_MS, RETRY_PAUSE_MS * 2 ** tried), stopping.signal);
    // Records that went well before the failed one are progress: the rest counts as a batch of its own.
    const next = failedFrom > 0 ? 0 : tried + 1;
    if (!bisectOnError || left.length === 1) return settle(left, next);
    const middle = Math.ceil(left.length / 2);
    await settle(left.slice(0, middle), next);
    await settle(left.slice(middle), next);
  };

  const run = async (): Promise<void> => {
    // What arrives in the same turn goes into one batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0 && !stopping.signal.aborted) {
      options.counted("GetRecords");
      await settle(waiting.splice(0, batchSize), 0);
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

/** The place of the earliest record that failed; all of them where the answer cannot be used. */
function firstFailure(records: readonly StreamEventRecord[], payload: string): number {
  let answer: unknown;
  try {
    answer = JSON.parse(payload);
  } catch {
    return 0;
  }
  if (answer === null) return records.length;
  if (typeof answer !== "object") return 0;
  const failures = "batchItemFailures" in answer ? answer.batchItemFailures : undefined;
  if (failures === undefined || failures === null) return records.length;
  if (!Array.isArray(failures)) return 0;
  const places = (failures as readonly { readonly itemIdentifier?: unknown }[]).map((failure) =>
    records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === failure?.itemIdentifier),
  );
  // An unknown id is place -1, which fails the whole batch.
  return Math.max(0, Math.min(records.length, ...places));
}

/** What an on-failure destination gets: where the records are in the stream, not the records. */
function letterOf(
  records: readonly StreamEventRecord[],
  lane: number,
  { stream, target }: StreamPollerOptions,
  functionFailed: boolean,
): object {
  const [first] = records;
  const time = (seconds: number | undefined) => new Date((seconds ?? 0) * 1_000).toISOString();
  return {
    requestContext: {
      requestId: first?.eventID ?? "",
      functionArn: target.config.arn,
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: 1,
    },
    ...(functionFailed && {
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    }),
    version: "1.0",
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      shardId: `shardId-${String(lane).padStart(20, "0")}-local`,
      startSequenceNumber: first?.dynamodb.SequenceNumber,
      endSequenceNumber: records.at(-1)?.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: time(first?.dynamodb.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: time(records.at(-1)?.dynamodb.ApproximateCreationDateTime),
      batchSize: records.length,
      streamArn: stream.arn,
    },
  };
}

function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = (hash * 31 + text.charCodeAt(at)) >>> 0;
  return hash;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
