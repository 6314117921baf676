import { Duration, Stack } from "aws-cdk-lib";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import { FunctionSuffix, QueueSuffix, queueName } from "#aws/names.ts";
import { RETURNS } from "#core/returns.ts";
import type { CallingAccount, Tenants } from "../tenants.ts";
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
  readonly tenants: Tenants | undefined;
  /** Other accounts that the tenants name. */
  readonly callers: readonly CallingAccount[];
  readonly quotas: TenantQuotas | undefined;
}

/** The producers' door: HTTP signed by the caller, and what spine-in brings. */
export class Ingress extends Construct {
  readonly handler: SpineFunction;
  readonly intake: SpineQueue;
  readonly url: lambda.FunctionUrl;

  constructor(scope: Construct, id: string, { foundation, spineIn, tenants, callers, quotas }: IngressProps) {
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
    if (quotas !== undefined) {
      foundation.log.grantCountQuota(this.handler);
      names.grant(this.handler, ["sqs:SendMessage"], [names.queueArn(QueueSuffix.intake)]);
    }
    this.url = this.handler.function.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
    for (const { account, overHttp } of callers) if (overHttp) this.admit(account);

    this.intake = new SpineQueue(this, "Intake", {
      queueName: queueName(names.prefix, QueueSuffix.intake),
      visibilityTimeout: visibilityFor(TIMEOUT),
      receives: RETURNS.events.receives,
    });
    this.intake.feed(this.handler.function, TIMEOUT, { maxConcurrency: foundation.concurrency.intake });
    new events.Rule(this, "Rule", {
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
  /** Lets another account's IAM say who of it may call the URL; which tenant that is, if any, the function finds out. */
  private admit(account: string): void {
    const { functionArn: functionName } = this.handler.function;
    new lambda.CfnPermission(this, `Url${account}`, {
      functionName,
      principal: account,
      action: "lambda:InvokeFunctionUrl",
      functionUrlAuthType: lambda.FunctionUrlAuthType.AWS_IAM,
    });
    new lambda.CfnPermission(this, `ViaUrl${account}`, {
      functionName,
      principal: account,
      action: "lambda:InvokeFunction",
      invokedViaFunctionUrl: true,
    });
  }
}
