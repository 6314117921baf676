import { Duration } from "aws-cdk-lib";
import { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import { FunctionSuffix, QueueSuffix, queueName } from "#aws/names.ts";
import { coreFunction, type Foundation } from "./foundation.ts";
import type { SpineFunction } from "./spine-function.ts";
import { CONSUME, SpineQueue, visibilityFor } from "./spine-queue.ts";

const TIMEOUT = Duration.seconds(10);

export interface RecoveryProps {
  readonly foundation: Foundation;
  /** The spine's own queues, whose dead letters it takes beside those of agents. */
  readonly queues: readonly SpineQueue[];
}

/** Turns deadlines that have come, and letters that queues gave up on, into inputs of their sessions. */
export class Recovery extends Construct {
  readonly handler: SpineFunction;
  readonly deadlines: SpineQueue;

  constructor(scope: Construct, id: string, { foundation, queues }: RecoveryProps) {
    super(scope, id);
    const { names, blobs } = foundation;
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.recovery,
      description: "turns deadlines and dead letters into inputs of their sessions",
      timeout: TIMEOUT,
      environment: {
        [Env.bucket]: blobs.bucket.bucketName,
        [Env.queuePrefix]: names.queueUrlPrefix,
      },
    });
    blobs.grantStore(this.handler);
    names.grant(
      this.handler,
      ["sqs:SendMessage"],
      [names.queueArn(QueueSuffix.inbox), names.queueArn(QueueSuffix.deadlines)],
    );
    // Agents come and go without this function's template: their letters are found by name.
    const letters = [...Object.values(QueueSuffix), "agent-*.fifo"];
    names.grant(
      this.handler,
      [...CONSUME],
      letters.map((suffix) => names.deadLetterArn(suffix)),
    );

    this.deadlines = new SpineQueue(this, "Deadlines", {
      queueName: queueName(names.prefix, QueueSuffix.deadlines),
      visibilityTimeout: visibilityFor(TIMEOUT),
    });
    this.deadlines.feed(this.handler.function, TIMEOUT);
    for (const queue of [this.deadlines, ...queues]) queue.recoverBy(this.handler.function.functionName);
  }
}
