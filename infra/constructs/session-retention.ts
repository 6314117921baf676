import { Annotations, Duration } from "aws-cdk-lib";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { CALLERS_FILE, callersText, type Callers } from "#aws/lambda/callers.ts";
import { Env } from "#aws/config.ts";
import { FunctionSuffix, retentionRuleName } from "#aws/names.ts";
import { checkName } from "../settings/aws-limits.ts";
import { coreFunction, type Foundation } from "./foundation.ts";
import { signedUrl } from "./signed-url.ts";
import type { SpineFunction } from "./spine-function.ts";

/** How long finished sessions stay, in ms by tenant; `*` is every tenant that is not named. */
export type RetentionTimes = Readonly<Record<string, number>>;

/** A sweep that has much to do goes on at the next call. */
const TIMEOUT = Duration.minutes(15);
const LONGEST_PAUSE = Duration.hours(1);
/** Until then the relay may still have a commit to publish: the stream keeps it for 24 hours. */
const SHORT = Duration.days(2);

/** Reads what a spine's owner says of retention. Throws where a time is no time. */
export function retentionTimes(
  times: Readonly<Record<string, Duration>> | undefined,
): RetentionTimes | undefined {
  if (times === undefined || Object.keys(times).length === 0) return undefined;
  for (const [tenant, time] of Object.entries(times)) {
    if (time.toMilliseconds() < Duration.minutes(1).toMilliseconds())
      throw new Error(`The retention of ${tenant} is ${time.toHumanString()}. Give a minute or more.`);
  }
  return Object.fromEntries(Object.entries(times).map(([tenant, time]) => [tenant, time.toMilliseconds()]));
}

export interface RetentionProps {
  readonly foundation: Foundation;
  readonly times: RetentionTimes;
  readonly callers: Callers;
  /** Other accounts, some of whose principals operate. */
  readonly accounts: readonly string[];
}

/** Ends sessions whose time is over, and erases what operators ask it to by its URL: the only function that may delete anything of a log. */
export class Retention extends Construct {
  readonly handler: SpineFunction;
  readonly url: lambda.FunctionUrl;

  constructor(scope: Construct, id: string, { foundation, times, callers, accounts }: RetentionProps) {
    super(scope, id);
    const { log, blobs } = foundation;
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.retention,
      description: "ends sessions by their tenant's retention",
      timeout: TIMEOUT,
      data: { [CALLERS_FILE]: callersText(callers) },
      environment: {
        [Env.table]: log.table.tableName,
        [Env.bucket]: blobs.bucket.bucketName,
        [Env.retention]: JSON.stringify(times),
      },
    });
    this.url = signedUrl(this, this.handler, accounts);
    log.grantExpire(this.handler);
    blobs.grantRead(this.handler);
    blobs.grantForget(this.handler, ["commits/*", "snapshots/*", "views/*", "letters/*"]);
    const shortest = Math.min(...Object.values(times));
    new events.Rule(this, "Schedule", {
      ruleName: checkName("rule", retentionRuleName(foundation.names.prefix)),
      description: "Event Spine: looks for sessions whose time is over",
      schedule: events.Schedule.rate(pauseFor(shortest)),
      targets: [new targets.LambdaFunction(this.handler.function)],
    });
    if (shortest < SHORT.toMilliseconds())
      Annotations.of(this).addWarningV2(
        "event-spine:retention",
        `A retention of less than ${SHORT.toHumanString()} may end a session before the relay has published it after an outage.`,
      );
  }
}

/** Often enough that a session stays a tenth of its time longer at most, and at least once an hour. */
function pauseFor(shortestMs: number): Duration {
  const minutes = Math.floor(shortestMs / 10 / 60_000);
  return Duration.minutes(Math.min(LONGEST_PAUSE.toMinutes(), Math.max(1, minutes)));
}
