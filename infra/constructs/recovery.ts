import { Duration } from "aws-cdk-lib";
import { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import { FunctionSuffix, QueueSuffix, queueName } from "#aws/names.ts";
import { RETURNS } from "#core/returns.ts";
import { coreFunction, engineEnvironment, grantOpen, type Foundation } from "./foundation.ts";
import { LetterWatch } from "./letter-watch.ts";
import type { SpineFunction } from "./spine-function.ts";
import { CONSUME, SpineQueue, visibilityFor } from "./spine-queue.ts";

const TIMEOUT = Duration.seconds(10);

export interface RecoveryProps {
  readonly foundation: Foundation;
  /** The spine's own queues, whose dead letters it processes in addition to those of agents. */
  readonly queues: readonly SpineQueue[];
}

/**
 * Turns due deadlines, and letters that queues gave up on, into inputs of their sessions, and starts the watch of the letters.
 */
export class Recovery extends Construct {
  readonly handler: SpineFunction;
  readonly deadlines: SpineQueue;
  readonly watch: LetterWatch;

  constructor(scope: Construct, id: string, { foundation, queues }: RecoveryProps) {
    super(scope, id);
    const { names, blobs, log, tokens } = foundation;
    this.watch = new LetterWatch(this, "Watch", { names });
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.recovery,
      description: "turns deadlines and dead letters into inputs of their sessions",
      timeout: TIMEOUT,
      environment: {
        ...engineEnvironment(foundation),
        [Env.lettersMachine]: this.watch.machine.stateMachineArn,
      },
    });
    grantOpen(foundation, this.handler);
    if (foundation.personal !== undefined) {
      foundation.personal.key.grantSeal(this.handler);
      log.grantKeepKeys(this.handler);
    }
    blobs.grantRead(this.handler);
    blobs.grantFile(this.handler);
    tokens.grantIssue(this.handler);
    this.watch.grantStart(this.handler);
    const { inbox, deadlines } = QueueSuffix;
    names.grant(
      this.handler,
      ["sqs:SendMessage"],
      [inbox, deadlines].map((suffix) => names.queueArn(suffix)),
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
      receives: RETURNS.deadlines.receives,
    });
    this.deadlines.feed(this.handler.function, TIMEOUT, {
      maxConcurrency: foundation.concurrency.deadlines,
    });
    for (const queue of [this.deadlines, ...queues]) queue.recoverBy(this.handler.function.functionName);
  }
}
