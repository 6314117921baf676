import { Duration } from "aws-cdk-lib";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import { Construct } from "constructs";
import { CALLERS_FILE, callersText, type Callers } from "#aws/lambda/callers.ts";
import { Env } from "#aws/config.ts";
import { FunctionSuffix, intakeRuleName, QueueSuffix, queueName } from "#aws/names.ts";
import { RETURNS } from "#core/returns.ts";
import { FUNCTION_TIMEOUT_MS } from "#core/times.ts";
import { checkName } from "../settings/aws-limits.ts";
import { NOBODY } from "../settings/tenant-rights.ts";
import type { ByTenant } from "#core/by-tenant.ts";
import { quotasText, type TenantQuota } from "../settings/tenant-quotas.ts";
import { coreFunction, type Foundation } from "./foundation.ts";
import type { SpineBus } from "./spine-bus.ts";
import type { SpineFunction } from "./spine-function.ts";
import { SpineQueue, visibilityFor } from "./spine-queue.ts";

/** Failing dependencies get time to recover; messages are hidden for six times this timeout. */
const TIMEOUT = Duration.millis(FUNCTION_TIMEOUT_MS.intake);
/** EventBridge retries a target for this time before the event goes to the dead-letter queue; or 185 times, if that is sooner. */
const BUS_RETRY = Duration.hours(24);

export interface IntakeProps {
  readonly foundation: Foundation;
  readonly spineIn: SpineBus;
  readonly callers: Callers;
  readonly quotas: ByTenant<TenantQuota> | undefined;
}

/** Receives the events of spine-in: a queue, and a function that puts events into their sessions' inbox. It reads no session. */
export class Intake extends Construct {
  readonly handler: SpineFunction;
  readonly queue: SpineQueue;

  constructor(scope: Construct, id: string, { foundation, spineIn, callers, quotas }: IntakeProps) {
    super(scope, id);
    const { names, log, personal, tokens } = foundation;
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.intake,
      description: "forwards producers' events from spine-in to their sessions' inbox",
      timeout: TIMEOUT,
      data: { [CALLERS_FILE]: callersText(callers) },
      environment: {
        [Env.queuePrefix]: names.queueUrlPrefix,
        ...(personal !== undefined && {
          [Env.personal]: JSON.stringify(personal.paths),
          [Env.tokenSecret]: tokens.secret.secretArn,
        }),
        ...(callers.tenants !== undefined && { [Env.formerTenants]: NOBODY }),
        ...(quotas !== undefined && {
          [Env.table]: log.table.tableName,
          [Env.quotas]: quotasText(quotas, callers.tenants),
        }),
      },
    });
    // What stands on the queue for a message must not tell what it says.
    if (personal !== undefined) tokens.grantIssue(this.handler);
    // What it refuses is a dead letter at once.
    const sends = [names.queueArn(QueueSuffix.inbox), names.deadLetterArn(QueueSuffix.intake)];
    if (quotas !== undefined) {
      log.grantCountQuotas(this.handler);
      log.grantReadQuotas(this.handler);
      // What is over its quota goes back to the queue.
      sends.push(names.queueArn(QueueSuffix.intake));
    }
    names.grant(this.handler, ["sqs:SendMessage"], sends);

    this.queue = new SpineQueue(this, "Events", {
      queueName: queueName(names.prefix, QueueSuffix.intake),
      visibilityTimeout: visibilityFor(TIMEOUT),
      receives: RETURNS.events.receives,
    });
    this.queue.feed(this.handler.function, TIMEOUT, { maxConcurrency: foundation.concurrency.intake });
    new events.Rule(this, "Rule", {
      // Its metrics go by its name, which CloudFormation would give with the bus's.
      ruleName: checkName("rule", intakeRuleName(names.prefix)),
      description: "Event Spine: every event on spine-in is an input",
      eventBus: spineIn.bus,
      eventPattern: { source: events.Match.prefix("") },
      targets: [
        new targets.SqsQueue(this.queue.queue, {
          deadLetterQueue: this.queue.deadLetters,
          maxEventAge: BUS_RETRY,
        }),
      ],
    });
  }
}
