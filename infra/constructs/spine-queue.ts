import { Duration } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { deadLetterName } from "#aws/names.ts";
import { LETTERS_CONCURRENCY } from "../settings/concurrency.ts";
import type { ProvisionedPollers } from "../settings/provisioned-pollers.ts";
import { checkName, MAX_VISIBILITY_SECONDS } from "../settings/aws-limits.ts";

const MAX_RECEIVES = 5;
/** SQS keeps messages no longer; a message lost by age would be lost in silence. */
const RETENTION = Duration.days(14);
/** The most that a mapping takes of a FIFO queue. */
const BATCH_SIZE = 10;
const DEAD_LETTER_VISIBILITY = Duration.seconds(60);

export interface SpineQueueProps {
  /** With `.fifo` it is a FIFO queue of high throughput. */
  readonly queueName: string;
  /** How long a received message is hidden: at least the timeout of the function that it feeds. */
  readonly visibilityTimeout: Duration;
  /** A message that was received this often goes to the dead letters. @default 5 */
  readonly receives?: number;
}

export interface FeedOptions {
  /** 1 to 10. @default 10 */
  readonly batchSize?: number;
  /** How many batches run at once, 2 to 1,000. @default as many as the queue has groups and the account allows */
  readonly maxConcurrency?: number;
  /** Pollers that stand ready, in place of `maxConcurrency`. @default the mapping goes up and down with its load */
  readonly pollers?: Required<ProvisionedPollers>;
}

/**
 * A queue with its dead-letter queue: encrypted, reached over TLS only.
 *
 * @example
 * const queue = new SpineQueue(this, "Orders", {
 *   queueName: "spine-orders.fifo",
 *   visibilityTimeout: Duration.minutes(3),
 * });
 * queue.feed(consumer, Duration.seconds(30), { batchSize: 1 });
 */
export class SpineQueue extends Construct {
  readonly queue: sqs.Queue;
  readonly deadLetters: sqs.Queue;
  readonly visibilityTimeout: Duration;
  readonly isFifo: boolean;

  constructor(scope: Construct, id: string, props: SpineQueueProps) {
    super(scope, id);
    this.visibilityTimeout = props.visibilityTimeout;
    const { queueName } = props;
    this.isFifo = isFifo(queueName);
    this.deadLetters = new sqs.Queue(this, "DeadLetters", {
      queueName: checkName("queue", deadLetterName(queueName)),
      visibilityTimeout: DEAD_LETTER_VISIBILITY,
      ...common(queueName),
    });
    this.queue = new sqs.Queue(this, "Queue", {
      queueName: checkName("queue", queueName),
      visibilityTimeout: props.visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.receives ?? MAX_RECEIVES },
      ...common(queueName),
    });
  }

  /** Lets a function take this queue's messages, batch by batch, and say which of them failed. */
  feed(target: lambda.IFunction, timeout: Duration, options: FeedOptions = {}): lambda.EventSourceMapping {
    checkVisibility(this.queue.node.path, timeout, this.visibilityTimeout);
    this.grantConsume(target);
    const { pollers } = options;
    return new lambda.EventSourceMapping(this, "Mapping", {
      target,
      eventSourceArn: this.queue.queueArn,
      batchSize: options.batchSize ?? BATCH_SIZE,
      reportBatchItemFailures: true,
      maxConcurrency: options.maxConcurrency,
      ...(pollers !== undefined && {
        provisionedPollerConfig: { minimumPollers: pollers.minimum, maximumPollers: pollers.maximum },
      }),
    });
  }

  /** Lets the function of recovery take the dead letters. Its role has the right by the queue's name. */
  recoverBy(recoveryName: string): void {
    new lambda.CfnEventSourceMapping(this, "Recovery", {
      eventSourceArn: this.deadLetters.queueArn,
      functionName: recoveryName,
      batchSize: BATCH_SIZE,
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: { maximumConcurrency: LETTERS_CONCURRENCY },
    });
  }

  grantConsume(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: [...CONSUME],
      resourceArns: [this.queue.queueArn],
    });
  }
}

/** What a mapping does on behalf of its function's role; a handler may also hide a message for longer. */
export const CONSUME = [
  "sqs:ChangeMessageVisibility",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
  "sqs:ReceiveMessage",
] as const;

/** Six times the function's timeout, as Lambda advises: retries of a throttled batch must not overlap. */
export function visibilityFor(timeout: Duration): Duration {
  return Duration.seconds(Math.min(MAX_VISIBILITY_SECONDS, 6 * timeout.toSeconds()));
}

function checkVisibility(queue: string, timeout: Duration, visibility: Duration): void {
  if (visibility.toSeconds() >= timeout.toSeconds()) return;
  throw new Error(
    `The visibility timeout of ${queue} is ${visibility.toSeconds()} s, but its function may run for ${timeout.toSeconds()} s, so a second execution would start beside the first. Use at least the function's timeout, ideally six times that.`,
  );
}

const isFifo = (queueName: string): boolean => queueName.endsWith(".fifo");

function common(queueName: string): Partial<sqs.QueueProps> {
  const secure = {
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: RETENTION,
  };
  if (!isFifo(queueName)) return secure;
  return {
    ...secure,
    fifo: true,
    deduplicationScope: sqs.DeduplicationScope.MESSAGE_GROUP,
    fifoThroughputLimit: sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
  };
}
