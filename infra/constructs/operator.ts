import { Duration } from "aws-cdk-lib";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { CALLERS_FILE, callersText, type Callers } from "#aws/lambda/callers.ts";
import { Env } from "#aws/config.ts";
import { FunctionSuffix, QueueSuffix } from "#aws/names.ts";
import { coreFunction, engineEnvironment, grantOpen, type Foundation } from "./foundation.ts";
import type { LetterWatch } from "./letter-watch.ts";
import { signedUrl } from "./signed-url.ts";
import type { SpineFunction } from "./spine-function.ts";

const TIMEOUT = Duration.seconds(10);

export interface OperatorProps {
  readonly foundation: Foundation;
  /** Invokes it to confirm letters. */
  readonly watch: LetterWatch;
  readonly callers: Callers;
  /** Of the application, whoever hosts them: their queues are measured. */
  readonly agents: readonly string[];
  /** Other accounts, some of whose principals operate. */
  readonly accounts: readonly string[];
}

/**
 * Handles operators' requests about letters and commits through its URL, so IAM identifies the caller. It is a separate
 * function because a caller who may invoke a function with a queue or a stream could pass it forged records.
 */
export class Operator extends Construct {
  readonly handler: SpineFunction;
  readonly url: lambda.FunctionUrl;

  constructor(scope: Construct, id: string, { foundation, watch, callers, agents, accounts }: OperatorProps) {
    super(scope, id);
    const { names, blobs, log, tokens } = foundation;
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.operator,
      description: "handles operators' requests about dead letters and commits, and confirms letters",
      timeout: TIMEOUT,
      data: { [CALLERS_FILE]: callersText(callers) },
      environment: {
        ...engineEnvironment(foundation),
        [Env.lettersMachine]: watch.machine.stateMachineArn,
        [Env.agents]: agents.toSorted().join(","),
      },
    });
    this.url = signedUrl(this, this.handler, accounts);
    grantOpen(foundation, this.handler);
    log.grantScan(this.handler);
    blobs.grantRead(this.handler);
    blobs.grantFile(this.handler);
    // An erased session's letters lose their bodies.
    blobs.grantForget(this.handler, ["awaiting/*", "parked/*"]);
    tokens.grantIssue(this.handler);
    watch.grantStart(this.handler);
    const { inbox, answers, intake, relayRetries } = QueueSuffix;
    names.grant(
      this.handler,
      ["sqs:SendMessage"],
      [inbox, answers, intake, relayRetries].map((suffix) => names.queueArn(suffix)),
    );
    const ofSpine = Object.values(QueueSuffix);
    names.grant(
      this.handler,
      ["sqs:GetQueueAttributes"],
      [
        ...ofSpine.flatMap((suffix) => [names.queueArn(suffix), names.deadLetterArn(suffix)]),
        // Both lanes, and their dead letters.
        names.queueArn("agent-*.fifo"),
      ],
    );
  }
}
