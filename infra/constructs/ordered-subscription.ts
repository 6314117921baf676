import { Annotations, Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { queueName, subscriptionQueueSuffix } from "#aws/names.ts";
import { checkPart } from "../settings/aws-limits.ts";
import { ALARM_PERIOD, ring } from "./alarm.ts";
import { SpineQueue, visibilityFor, type FeedOptions } from "./spine-queue.ts";
import { seenFrom, type ISpine } from "./spine.ts";

export interface OrderedSubscriptionProps {
  readonly spine: ISpine;
  /** Part of the queue's name; lower-case. */
  readonly name: string;
  /** How long its consumer may run. @default 30 s */
  readonly timeout?: Duration;
  /** The actions of its alarm. @default those of the spine; for a spine of another stack its topic of alarms */
  readonly alarmActions?: readonly cloudwatch.IAlarmAction[];
}

/**
 * A consumer's own FIFO queue of every commit, grouped by session: the commits of a session arrive in order, at least once; the
 * sequence is in the body. A message that was received five times moves to the dead-letter queue, and the session's later
 * commits continue: a consumer that must not miss any compares sequences.
 *
 * @example
 * const mirror = new OrderedSubscription(this, "Mirror", { spine, name: "mirror" });
 * mirror.addConsumer(consumer, { batchSize: 10 });
 */
export class OrderedSubscription extends Construct {
  readonly name: string;
  readonly queue: SpineQueue;
  readonly alarm: cloudwatch.Alarm;
  private readonly timeout: Duration;

  constructor(scope: Construct, id: string, props: OrderedSubscriptionProps) {
    super(scope, id);
    this.name = checkPart("subscription", props.name);
    this.timeout = props.timeout ?? Duration.seconds(30);
    this.queue = new SpineQueue(this, "Commits", {
      queueName: queueName(props.spine.prefix, subscriptionQueueSuffix(this.name)),
      visibilityTimeout: visibilityFor(this.timeout),
    });
    const spine = seenFrom(this, props.spine);
    const bell = { prefix: spine.prefix, alarmActions: props.alarmActions ?? spine.alarmActions };
    this.alarm = ring(this, `sub-${this.name}-letters`, bell, {
      description: `the subscription ${this.name} gave up on commits; no one else reads its dead-letter queue.`,
      metric: this.queue.deadLetters.metricApproximateNumberOfMessagesVisible({
        statistic: cloudwatch.Stats.MAXIMUM,
        period: ALARM_PERIOD,
      }),
    });
    if (!spine.announceSubscription(this.name)) this.tellOwner(props.spine.prefix);
  }

  /** Feeds a function with the commits, a batch at a time. */
  addConsumer(consumer: lambda.Function, options: FeedOptions = {}): void {
    this.queue.feed(consumer, consumer.timeout ?? this.timeout, options);
  }

  private tellOwner(prefix: string): void {
    Annotations.of(this).addInfo(
      `Deploy this stack first; then add "${this.name}" to the subscriptions of the spine "${prefix}", which fills the queue from then on.`,
    );
  }
}
