import type { Queue } from "#memory/queue/queue.ts";
import type { HostedQueue } from "./queue-host.ts";

/** What GetQueueAttributes tells about a queue. */
export function queueAttributes(
  { queue, arn }: HostedQueue,
  now: number,
  arnOf: (queue: Queue) => string,
): Readonly<Record<string, string>> {
  const { config } = queue;
  const { visible, inFlight, delayed } = queue.counts(now);
  const seconds = (ms: number) => String(ms / 1_000);
  const redrive = config.deadLetterQueue && {
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: arnOf(config.deadLetterQueue),
      maxReceiveCount: config.maxReceiveCount,
    }),
  };
  return {
    QueueArn: arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: seconds(config.visibilityTimeoutMs),
    DelaySeconds: seconds(config.delayMs),
    MessageRetentionPeriod: seconds(config.retentionMs),
    MaximumMessageSize: String(config.maxMessageBytes),
    ...(queue.fifo && {
      FifoQueue: "true",
      ContentBasedDeduplication: String(config.contentBasedDeduplication),
      DeduplicationScope: config.deduplicationScope,
    }),
    ...redrive,
  };
}
