import { Duration } from "aws-cdk-lib";
import { Construct } from "constructs";
import { FunctionSuffix, QueueSuffix } from "#aws/names.ts";
import { FUNCTION_TIMEOUT_MS } from "#core/times.ts";
import { coreFunction, engineEnvironment, grantAdvance, type Foundation } from "./foundation.ts";
import type { Inbox } from "./inbox.ts";
import type { SpineFunction } from "./spine-function.ts";

const TIMEOUT = Duration.millis(FUNCTION_TIMEOUT_MS.coordinator);

export interface CoordinatorProps {
  readonly foundation: Foundation;
  readonly inbox: Inbox;
}

/** Advances sessions with messages of their inbox and their agents' answers, a batch at a time. */
export class Coordinator extends Construct {
  readonly handler: SpineFunction;

  constructor(scope: Construct, id: string, { foundation, inbox }: CoordinatorProps) {
    super(scope, id);
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.coordinator,
      description: "advances sessions with messages from their inbox and their agents' answers",
      timeout: TIMEOUT,
      environment: engineEnvironment(foundation),
    });
    grantAdvance(foundation, this.handler);
    // An event of spine-in that its session refuses is a dead letter at once.
    const { names } = foundation;
    names.grant(this.handler, ["sqs:SendMessage"], [names.deadLetterArn(QueueSuffix.intake)]);
    inbox.feed(this.handler.function, TIMEOUT, foundation.concurrency);
  }
}
