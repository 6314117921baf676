import { readBatchResponse } from "./batch-response.ts";
import type { ReceivedMessage } from "./message.ts";
import type { Queue } from "./queue.ts";
import { isQueueError, QueueError, requireRange } from "./queue-error.ts";

export interface EventSourceMappingConfig {
  readonly queue: Queue;
  /** 1 to 10. @default 10 */
  readonly batchSize?: number;
  /** 2 to 1,000 batches at once. @default no bound of its own */
  readonly maxConcurrency?: number;
  /** At most the queue's visibility timeout; AWS advises a sixth of it. */
  readonly functionTimeoutMs: number;
  /** @default false */
  readonly reportBatchItemFailures?: boolean;
}

/** One invocation's messages. */
export interface Batch {
  readonly id: number;
  readonly messages: readonly ReceivedMessage[];
  /** When the function is ended, if it has not answered. */
  readonly deadline: number;
}

export type InvocationOutcome =
  { readonly type: "ok"; readonly response: unknown } | { readonly type: "error" };

export interface CompletedBatch {
  readonly deleted: readonly ReceivedMessage[];
  /** These wait out their visibility and are received again. */
  readonly returned: readonly ReceivedMessage[];
}

/**
 * Lambda's poller on one queue. A FIFO group is in one batch at most, since the queue keeps it closed meanwhile; so
 * no more batches run than groups are active. The mapping never prolongs visibility. Not modelled: batching windows,
 * filters, provisioned pollers, scaling up, and the 6 MB at which AWS closes a batch.
 */
export class EventSourceMapping {
  readonly #queue: Queue;
  readonly #batchSize: number;
  readonly #maxConcurrency: number;
  readonly #functionTimeoutMs: number;
  readonly #reportBatchItemFailures: boolean;
  readonly #active = new Map<number, Batch>();
  #batches = 0;

  constructor(config: EventSourceMappingConfig) {
    this.#queue = config.queue;
    this.#batchSize = config.batchSize ?? 10;
    this.#maxConcurrency = config.maxConcurrency ?? Infinity;
    this.#functionTimeoutMs = config.functionTimeoutMs;
    this.#reportBatchItemFailures = config.reportBatchItemFailures ?? false;
    requireRange("batchSize", this.#batchSize, 1, 10);
    if (config.maxConcurrency !== undefined) requireRange("maxConcurrency", config.maxConcurrency, 2, 1_000);
    const { name, config: queue } = config.queue;
    if (config.functionTimeoutMs > queue.visibilityTimeoutMs) {
      const visibility = `the visibility timeout of ${name} is ${queue.visibilityTimeoutMs} ms`;
      const reason = `The function may run for ${config.functionTimeoutMs} ms, but ${visibility}; raise it, ideally to six times the function's timeout.`;
      throw new QueueError("InvalidParameterValue", reason);
    }
  }

  get activeBatches(): number {
    return this.#active.size;
  }

  /** The next batch to invoke the function with; undefined when nothing is deliverable or enough run already. */
  poll(now: number): Batch | undefined {
    if (this.#active.size >= this.#maxConcurrency) return undefined;
    const messages = this.#receive(now);
    if (messages.length === 0) return undefined;
    this.#batches += 1;
    const batch = { id: this.#batches, messages, deadline: now + this.#functionTimeoutMs };
    this.#active.set(batch.id, batch);
    return batch;
  }

  /** Takes the function's outcome: deletes what went well and leaves the rest to its visibility timeout. */
  complete(now: number, batch: Batch, outcome: InvocationOutcome): CompletedBatch {
    if (!this.#active.delete(batch.id)) {
      throw new QueueError("UnsupportedOperation", `Batch ${batch.id} is not running.`);
    }
    const failed = this.#failedIds(batch, outcome);
    const deleted: ReceivedMessage[] = [];
    const returned: ReceivedMessage[] = [];
    for (const message of batch.messages) {
      if (!failed.has(message.messageId) && this.#delete(now, message)) deleted.push(message);
      else returned.push(message);
    }
    return { deleted, returned };
  }

  #receive(now: number): readonly ReceivedMessage[] {
    try {
      return this.#queue.receive(now, { max: this.#batchSize });
    } catch (error) {
      // A poller waits when too many are in flight.
      if (isQueueError(error, "OverLimit")) return [];
      throw error;
    }
  }

  #failedIds(batch: Batch, outcome: InvocationOutcome): ReadonlySet<string> {
    const ids = new Set(batch.messages.map((message) => message.messageId));
    if (outcome.type === "error") return ids;
    if (!this.#reportBatchItemFailures) return new Set();
    const result = readBatchResponse(outcome.response, ids);
    return result.type === "failures" ? result.messageIds : ids;
  }

  /** Completed too late, a message stays in the queue; so does one that was received again meanwhile. */
  #delete(now: number, message: ReceivedMessage): boolean {
    try {
      return this.#queue.delete(now, message.receiptHandle).deleted;
    } catch (error) {
      if (isQueueError(error, "InvalidParameterValue")) return false;
      throw error;
    }
  }
}

export function createEventSourceMapping(config: EventSourceMappingConfig): EventSourceMapping {
  return new EventSourceMapping(config);
}
