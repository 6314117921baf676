import { Duration } from "aws-cdk-lib";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { QueueSuffix, queueName } from "#aws/names.ts";
import { RETURNS } from "#core/returns.ts";
import { INPUTS_HIDDEN_MS } from "#core/times.ts";
import { SpineQueue } from "./spine-queue.ts";

const VISIBILITY = Duration.millis(INPUTS_HIDDEN_MS);

/**
 * The queues of the coordinator: inputs that arrive asynchronously, and agents' answers. Both are grouped by session.
 *
 * @example
 * const inbox = new Inbox(this, "Inbox", { prefix: "spine" });
 * inbox.inputs.feed(consumer, Duration.seconds(30));
 */
export class Inbox extends Construct {
  readonly inputs: SpineQueue;
  readonly answers: SpineQueue;

  constructor(scope: Construct, id: string, { prefix }: { readonly prefix: string }) {
    super(scope, id);
    const queue = (name: string, suffix: string) =>
      new SpineQueue(this, name, {
        queueName: queueName(prefix, suffix),
        visibilityTimeout: VISIBILITY,
        receives: RETURNS.inputs.receives,
      });
    this.inputs = queue("Inputs", QueueSuffix.inbox);
    this.answers = queue("Answers", QueueSuffix.answers);
  }

  /** Lets a function take both, so many batches of each at once. */
  feed(
    target: lambda.IFunction,
    timeout: Duration,
    concurrency: { readonly inputs?: number; readonly answers?: number } = {},
  ): void {
    this.inputs.feed(target, timeout, { maxConcurrency: concurrency.inputs });
    this.answers.feed(target, timeout, { maxConcurrency: concurrency.answers });
  }
}
