import { between } from "#memory/seeded-chance.ts";
import type { TableStream } from "../dynamodb/table-stream.ts";
import type { EventTest } from "../events/event-pattern.ts";
import type { LocalFunction } from "../lambda/lambda-function.ts";
import type { Poller } from "./queue-poller.ts";
import { createStreamLane } from "./stream-lane.ts";

/** Milliseconds, from and to. */
export type StreamWait = readonly [least: number, most: number];

export interface StreamPollerOptions {
  readonly stream: TableStream;
  readonly target: Pick<LocalFunction, "config" | "invoke">;
  /** 1 to 10,000. */
  readonly batchSize: number;
  /** Batches of one shard side by side, 1 to 10. With more than one, order is kept for an item and no more. */
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
  /** From which it is drawn which items go side by side, and how long each batch lets the others go first. @default 1 */
  readonly seed?: number;
  /** How long a batch waits for more records, ms, from and to. @default 0 to 250 */
  readonly waitMs?: StreamWait | undefined;
}

/** A new on-demand table has four partitions. */
const SHARDS = 4;
/** AWS looks at a shard four times a second: a record waits as long at most, and what comes meanwhile is in its batch. */
const STREAM_WAIT_MS: StreamWait = [0, 250];

/**
 * Lambda's poller on a table's stream. A partition's items are in one shard; of a shard run as many batches at once as
 * the factor says, and each item, by partition and sort key, is always in the same of them: the items of one partition
 * are handed on at once and overtake one another, where the factor is above 1.
 */
export function startStreamPoller(options: StreamPollerOptions): Poller {
  const { parallelizationFactor, seed = 1, waitMs: [least, most] = STREAM_WAIT_MS } = options;
  const lanes = Array.from({ length: SHARDS * parallelizationFactor }, (_, at) =>
    createStreamLane(options, {
      shard: Math.floor(at / parallelizationFactor),
      waitMs: (batch) => between(seed, `lane ${at} batch ${batch}`, least, most),
    }),
  );
  const unsubscribe = options.stream.subscribe((record, partition) => {
    const passes = options.filters.length === 0 || options.filters.some((matches) => matches(record));
    if (!passes) return;
    const shard = between(seed, `shard of ${partition}`, 0, SHARDS - 1);
    const item = JSON.stringify(record.dynamodb.Keys);
    const lane = between(seed, `lane of ${item}`, 0, parallelizationFactor - 1);
    lanes[shard * parallelizationFactor + lane]?.push(record);
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
