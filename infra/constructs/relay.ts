import { Duration, Lazy } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import { FunctionSuffix, ItemKind, QueueSuffix, queueName, TableAttribute } from "#aws/names.ts";
import { RETURNS } from "#core/returns.ts";
import { FUNCTION_TIMEOUT_MS } from "#core/times.ts";
import type { ByTenant } from "#core/by-tenant.ts";
import type { FarDeadlines } from "./far-deadlines.ts";
import {
  coreFunction,
  engineEnvironment,
  grantDispatch,
  grantOpen,
  indexEnvironment,
  type Foundation,
} from "./foundation.ts";
import type { SessionLogTable } from "./session-log-table.ts";
import type { SpineBus } from "./spine-bus.ts";
import type { SpineFunction } from "./spine-function.ts";
import { SpineQueue, visibilityFor } from "./spine-queue.ts";

const TIMEOUT = Duration.millis(FUNCTION_TIMEOUT_MS.relay);
const BATCH_SIZE = 100;
/** Of a batch whose function died, or of which the retry queue could not be told what is left. */
const RETRIES = 10;

export interface RelayProps {
  readonly foundation: Foundation;
  readonly spineOut: SpineBus;
  readonly farDeadlines: FarDeadlines;
  /** How long finished sessions are kept, in ms by tenant. @default forever */
  readonly retention?: ByTenant<number> | undefined;
  /** Names of the ordered subscriptions; read when the template is made. */
  readonly subscriptions: () => readonly string[];
  /** Batches of one shard of the stream that are relayed side by side, 1 to 10. @default 2 */
  readonly parallelizationFactor?: number;
}

/** Reads the log's stream and performs every commit's directives a second time. The only writer of spine-out. */
export class Relay extends Construct {
  readonly handler: SpineFunction;
  readonly retries: SpineQueue;
  private readonly log: SessionLogTable;
  private mayKeepProgress = false;

  constructor(scope: Construct, id: string, props: RelayProps) {
    super(scope, id);
    const { foundation, spineOut, farDeadlines } = props;
    const { names, log } = foundation;
    this.log = log;
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.relay,
      description: "dispatches every commit's directives a second time, arms deadlines, publishes",
      timeout: TIMEOUT,
      environment: {
        ...engineEnvironment(foundation),
        ...indexEnvironment(foundation),
        [Env.spineOut]: spineOut.bus.eventBusName,
        [Env.deadlinesMachine]: farDeadlines.machine.stateMachineArn,
        ...(props.retention !== undefined && { [Env.retention]: JSON.stringify(props.retention) }),
        [Env.subscriptions]: Lazy.string({ produce: () => props.subscriptions().join(",") }),
      },
    });
    grantDispatch(foundation, this.handler);
    grantOpen(foundation, this.handler);
    log.grantReadStream(this.handler);
    if (props.retention !== undefined) log.grantNoteRetention(this.handler);
    foundation.index?.grantKeep(this.handler);
    farDeadlines.grantStart(this.handler);
    spineOut.grantPublish(this.handler);
    spineOut.admitOnly(this.handler.role);
    const sends = [QueueSuffix.deadlines, QueueSuffix.relayRetries, "sub-*.fifo"];
    names.grant(
      this.handler,
      ["sqs:SendMessage"],
      // Lambda puts what it gives up on of the stream into the dead letters, with the function's rights.
      [...sends.map((suffix) => names.queueArn(suffix)), names.deadLetterArn(QueueSuffix.relayRetries)],
    );

    this.retries = new SpineQueue(this, "Retries", {
      queueName: queueName(names.prefix, QueueSuffix.relayRetries),
      visibilityTimeout: visibilityFor(TIMEOUT),
      receives: RETURNS.commits.receives,
    });
    this.retries.feed(this.handler.function, TIMEOUT, { maxConcurrency: foundation.concurrency.retries });
    this.follow(props);
  }

  /** The rights for delivering each session's commits to subscribers in order. */
  allowSubscriptions(): void {
    if (this.mayKeepProgress) return;
    this.mayKeepProgress = true;
    this.log.grantKeepProgress(this.handler);
  }

  private follow({ foundation, parallelizationFactor = 2 }: RelayProps): void {
    new lambda.EventSourceMapping(this, "Stream", {
      target: this.handler.function,
      eventSourceArn: foundation.log.streamArn,
      startingPosition: lambda.StartingPosition.TRIM_HORIZON,
      batchSize: BATCH_SIZE,
      parallelizationFactor,
      retryAttempts: RETRIES,
      // One commit that kills the function must not take the others of its batch to the dead letters.
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      // A letter of the stream names a range of records, not a session: a person reads it and publishes again.
      onFailure: { bind: () => ({ destination: this.retries.deadLetters.queueArn }) },
      filters: [
        lambda.FilterCriteria.filter({
          eventName: lambda.FilterRule.isEqual("INSERT"),
          dynamodb: {
            NewImage: { [TableAttribute.kind]: { S: lambda.FilterRule.isEqual(ItemKind.commit) } },
          },
        }),
      ],
    });
  }
}
