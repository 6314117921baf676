import { Duration } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import { FunctionSuffix, QueueSuffix } from "#aws/names.ts";
import { coreFunction, engineEnvironment, grantOpen, type Foundation } from "./foundation.ts";
import type { LetterWatch } from "./letter-watch.ts";
import type { SpineFunction } from "./spine-function.ts";

const TIMEOUT = Duration.seconds(10);

export interface OperatorProps {
  readonly foundation: Foundation;
  /** Calls it to confirm letters. */
  readonly watch: LetterWatch;
}

/**
 * Does what operators ask of letters and commits. A function of its own: who may invoke one that a queue or a stream feeds could hand it
 * records that no queue has held.
 */
export class Operator extends Construct {
  readonly handler: SpineFunction;

  constructor(scope: Construct, id: string, { foundation, watch }: OperatorProps) {
    super(scope, id);
    const { names, blobs, log, tokens } = foundation;
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.operator,
      description: "does what operators ask of dead letters and commits, and confirms letters",
      timeout: TIMEOUT,
      environment: {
        ...engineEnvironment(foundation),
        [Env.lettersMachine]: watch.machine.stateMachineArn,
      },
    });
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
  }

  /** Ask for letters, send them back or close them, unpark sessions, relay again. */
  grantOperate(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ["lambda:InvokeFunction"],
      resourceArns: [this.handler.function.functionArn],
    });
  }
}
