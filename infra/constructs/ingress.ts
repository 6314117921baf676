import { Duration, Stack } from "aws-cdk-lib";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import { FunctionSuffix, intakeRuleName, QueueSuffix, queueName } from "#aws/names.ts";
import { RETURNS } from "#core/returns.ts";
import { checkName } from "../limits.ts";
import { quotasText, type TenantQuotas } from "../quotas.ts";
import { coreFunction, engineEnvironment, grantAdvance, type Foundation } from "./foundation.ts";
import type { SpineBus } from "./spine-bus.ts";
import type { SpineFunction } from "./spine-function.ts";
import { SpineQueue, visibilityFor } from "./spine-queue.ts";

/** A caller may hold its request open for the reply (`Prefer: wait`), so this is its longest wait and a little more. */
const TIMEOUT = Duration.seconds(30);
/** EventBridge tries a target for this long before the event goes to the dead letters. */
const BUS_RETRY = Duration.hours(24);

export interface IngressProps {
  readonly foundation: Foundation;
  readonly spineIn: SpineBus;
  readonly tenants: Readonly<Record<string, string>> | undefined;
  readonly quotas: TenantQuotas | undefined;
}

/** The producers' door: HTTP signed by the caller, and what spine-in brings. */
export class Ingress extends Construct {
  readonly handler: SpineFunction;
  readonly intake: SpineQueue;
  readonly url: lambda.FunctionUrl;

  constructor(scope: Construct, id: string, { foundation, spineIn, tenants, quotas }: IngressProps) {
    super(scope, id);
    const { names } = foundation;
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.ingress,
      description: "takes producers' events, over HTTP and from spine-in",
      timeout: TIMEOUT,
      environment: {
        ...engineEnvironment(foundation),
        ...(tenants !== undefined && { [Env.tenants]: Stack.of(this).toJsonString(tenants) }),
        ...(quotas !== undefined && { [Env.quotas]: quotasText(quotas, tenants) }),
      },
    });
    grantAdvance(foundation, this.handler);
    // What it refuses is a dead letter at once.
    names.grant(this.handler, ["sqs:SendMessage"], [names.deadLetterArn(QueueSuffix.intake)]);
    // What is over its quota goes back to the queue.
    if (quotas !== undefined)
      names.grant(this.handler, ["sqs:SendMessage"], [names.queueArn(QueueSuffix.intake)]);
    this.url = this.handler.function.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });

    this.intake = new SpineQueue(this, "Intake", {
      queueName: queueName(names.prefix, QueueSuffix.intake),
      visibilityTimeout: visibilityFor(TIMEOUT),
      receives: RETURNS.events.receives,
    });
    this.intake.feed(this.handler.function, TIMEOUT);
    new events.Rule(this, "Rule", {
      // Its metrics go by its name, which CloudFormation would give with the bus's.
      ruleName: checkName("rule", intakeRuleName(names.prefix)),
      description: "Event Spine: every event on spine-in is an input",
      eventBus: spineIn.bus,
      eventPattern: { source: events.Match.prefix("") },
      targets: [
        new targets.SqsQueue(this.intake.queue, {
          deadLetterQueue: this.intake.deadLetters,
          maxEventAge: BUS_RETRY,
        }),
      ],
    });
  }
}
