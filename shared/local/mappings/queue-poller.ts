import type { Batch, CompletedBatch } from "#memory/queue/event-source-mapping.ts";
import { EventSourceMapping } from "#memory/queue/event-source-mapping.ts";
import type { ReceivedMessage } from "#memory/queue/message.ts";
import type { Invocation, Lease, LocalFunction } from "../lambda/lambda-function.ts";
import type { RequestCounter } from "../request-counts.ts";
import type { HostedQueue, QueueHost } from "../sqs/queue-host.ts";
import { until as pausedUntil } from "../states/pause.ts";
import { startTimer } from "../timer.ts";
import { md5, md5OfAttributes, systemAttributes } from "../sqs/wire.ts";

export interface QueuePollerOptions {
  readonly host: QueueHost;
  readonly source: HostedQueue;
  readonly target: Pick<LocalFunction, "config" | "lease">;
  readonly batchSize: number;
  readonly maxConcurrency: number | undefined;
  readonly reportBatchItemFailures: boolean;
  readonly region: string;
  readonly counts: RequestCounter;
}

const THROTTLED_PAUSE_MS = 1_000;

export interface Poller {
  /** Batches that run or wait for a process. */
  readonly busy: number;
  /** Takes no new batch and resolves when those that run have ended. */
  stop(): Promise<void>;
}

/**
 * Lambda's poller on a queue: as many batches side by side as the mapping allows and the function has processes for, each
 * an invocation. Receives that find nothing, which AWS bills too, are not counted, since here nobody polls an empty queue.
 */
export function startQueuePoller(options: QueuePollerOptions): Poller {
  const { host, source, target, counts, maxConcurrency = Infinity } = options;
  const { queue } = source;
  const mapping = new EventSourceMapping({
    queue,
    batchSize: options.batchSize,
    functionTimeoutMs: target.config.timeoutMs,
    reportBatchItemFailures: options.reportBatchItemFailures,
    ...(options.maxConcurrency !== undefined && { maxConcurrency: options.maxConcurrency }),
  });
  const running = new Set<Promise<unknown>>();
  const caller = `mapping:${target.config.name}`;
  const now = () => host.clock.now();
  let leasing = false;
  const stopping = new AbortController();
  let resume: (() => void) | undefined;

  /** A throttled batch is tried again until its visibility has run out; then it was a receive and nothing else. */
  const invoke = async (batch: Batch, lease: Lease): Promise<Invocation> => {
    const traceId = batch.messages[0]?.traceHeader;
    const event = { Records: batch.messages.map((message) => recordOf(message, options)) };
    const endsAt = now() + queue.config.visibilityTimeoutMs;
    for (let pauseMs = THROTTLED_PAUSE_MS; ; pauseMs *= 2) {
      const outcome = await lease.invoke(event, traceId === undefined ? {} : { traceId });
      if (outcome.type !== "throttled" || stopping.signal.aborted || now() + pauseMs >= endsAt)
        return outcome;
      await pausedUntil(host.clock, now() + pauseMs, stopping.signal);
    }
  };

  /** Says whether Lambda gave it up as throttled. */
  const run = async (batch: Batch, lease: Lease): Promise<boolean> => {
    const outcome = await invoke(batch, lease);
    const completed: CompletedBatch = mapping.complete(
      now(),
      batch,
      outcome.type === "ok" ? { type: "ok", response: parsed(outcome.payload) } : { type: "error" },
    );
    if (completed.deleted.length > 0) {
      counts.record(
        "sqs",
        completed.deleted.length > 1 ? "DeleteMessageBatch" : "DeleteMessage",
        caller,
        source.arn,
      );
    }
    host.changed(queue);
    return outcome.type === "throttled";
  };

  const receive = (lease: Lease) => {
    const batch = stopping.signal.aborted ? undefined : mapping.poll(now());
    // A poll may have moved messages to the dead letters.
    host.changed(queue);
    if (batch === undefined) return lease.release();
    counts.record("sqs", "ReceiveMessage", caller, source.arn);
    const work = run(batch, lease);
    running.add(work);
    void work.then((throttled) => {
      lease.release();
      running.delete(work);
      if (throttled) stepBack();
      else poll();
    });
  };

  /** Who is throttled polls less for a while. */
  const stepBack = () => {
    resume?.();
    resume = startTimer(host.clock, now() + THROTTLED_PAUSE_MS, () => {
      resume = undefined;
      poll();
    });
  };

  /** First a process, then the messages: received only to wait for one, they would come again when they run out of time. */
  const poll = () => {
    const isFull = mapping.activeBatches >= maxConcurrency;
    if (
      leasing ||
      stopping.signal.aborted ||
      isFull ||
      resume !== undefined ||
      queue.peekForMove(now()) === undefined
    )
      return;
    leasing = true;
    void target.lease().then((lease) => {
      leasing = false;
      receive(lease);
      poll();
    });
  };

  const unwatch = host.watch(queue, poll);
  poll();
  return {
    get busy() {
      return running.size + (leasing ? 1 : 0);
    },
    async stop() {
      stopping.abort();
      resume?.();
      unwatch();
      await Promise.all(running);
    },
  };
}

/** An answer that is no JSON counts as a malformed one. */
function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return "malformed";
  }
}

function recordOf(message: ReceivedMessage, { host, source, region }: QueuePollerOptions): object {
  const attributesMd5 = md5OfAttributes(message.attributes);
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: systemAttributes(message, (name) => host.byName(name)?.arn ?? name),
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, { dataType, value }]) => [
        name,
        dataType.startsWith("Binary") ? { dataType, binaryValue: value } : { dataType, stringValue: value },
      ]),
    ),
    md5OfBody: md5(message.body),
    ...(attributesMd5 !== undefined && { md5OfMessageAttributes: attributesMd5 }),
    eventSource: "aws:sqs",
    eventSourceARN: source.arn,
    awsRegion: region,
  };
}
