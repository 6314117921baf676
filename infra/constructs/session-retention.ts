import { Annotations, Duration } from "aws-cdk-lib";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { readByTenant, type ByTenant } from "#core/by-tenant.ts";
import { readRetention } from "#core/retention-time.ts";
import { CALLERS_FILE, callersText, type Callers } from "#aws/lambda/callers.ts";
import { Env } from "#aws/config.ts";
import { FunctionSuffix, retentionRuleName } from "#aws/names.ts";
import { checkName } from "../settings/aws-limits.ts";
import { coreFunction, indexEnvironment, scoresEnvironment, type Foundation } from "./foundation.ts";
import { signedUrl } from "./signed-url.ts";
import type { SpineFunction } from "./spine-function.ts";

/** A sweep that has much to do goes on at the next call. */
const TIMEOUT = Duration.minutes(15);
const LONGEST_PAUSE = Duration.hours(1);
/** Until then the relay may still have a commit to publish: the stream keeps it for 24 hours. */
const SHORT = Duration.days(2);

/** Reads what a spine's owner says of retention, as milliseconds. Throws where a time is none that can be kept. */
export function retentionTimes(times: ByTenant<Duration> | undefined): ByTenant<number> | undefined {
  if (times === undefined || Object.keys(times).length === 0) return undefined;
  const asMs = (time: unknown) => readRetention(time instanceof Duration ? time.toMilliseconds() : time);
  return readByTenant("retention", times, asMs);
}

export interface RetentionProps {
  readonly foundation: Foundation;
  readonly times: ByTenant<number>;
  readonly callers: Callers;
  /** Other accounts, some of whose principals operate. */
  readonly accounts: readonly string[];
}

/**
 * Expires sessions whose retention is over, and erases sessions at operators' requests through its URL: the only function that
 * may delete from a log.
 */
export class Retention extends Construct {
  readonly handler: SpineFunction;
  readonly url: lambda.FunctionUrl;

  constructor(scope: Construct, id: string, { foundation, times, callers, accounts }: RetentionProps) {
    super(scope, id);
    const { log, blobs } = foundation;
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.retention,
      description: "expires sessions under their tenant's retention",
      timeout: TIMEOUT,
      data: { [CALLERS_FILE]: callersText(callers) },
      environment: {
        [Env.table]: log.table.tableName,
        [Env.bucket]: blobs.bucket.bucketName,
        [Env.retention]: JSON.stringify(times),
        ...indexEnvironment(foundation),
        ...scoresEnvironment(foundation),
      },
    });
    this.url = signedUrl(this, this.handler, accounts);
    log.grantExpire(this.handler);
    foundation.index?.grantForget(this.handler);
    foundation.scores?.grantErase(this.handler);
    blobs.grantRead(this.handler);
    blobs.grantForget(this.handler, ["commits/*", "snapshots/*", "views/*", "letters/*"]);
    const shortest = Math.min(...Object.values(times));
    new events.Rule(this, "Schedule", {
      ruleName: checkName("rule", retentionRuleName(foundation.names.prefix)),
      description: "Event Spine: looks for sessions to expire",
      schedule: events.Schedule.rate(pauseFor(shortest)),
      targets: [new targets.LambdaFunction(this.handler.function)],
    });
    if (shortest < SHORT.toMilliseconds())
      Annotations.of(this).addWarningV2(
        "event-spine:retention",
        `A retention of less than ${SHORT.toHumanString()} may expire a session before the relay has published it after an outage.`,
      );
  }
}

/** Often enough that a session stays a tenth of its time longer at most, and at least once an hour. */
function pauseFor(shortestMs: number): Duration {
  const minutes = Math.floor(shortestMs / 10 / 60_000);
  return Duration.minutes(Math.min(LONGEST_PAUSE.toMinutes(), Math.max(1, minutes)));
}
