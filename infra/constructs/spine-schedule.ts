import { Aws, Duration, Stack } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as iam from "aws-cdk-lib/aws-iam";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { spineInName } from "#aws/names.ts";
import { parseSchedule } from "#core/schedule/schedule-expression.ts";
import { parseSessionId } from "#core/ids.ts";
import type { JsonObject } from "#core/json.ts";
import { ALARM_PERIOD, ring } from "./alarm.ts";
import { checkName } from "../settings/aws-limits.ts";
import { seenFrom, type ISpine } from "./spine.ts";

/** What Scheduler writes in its stead: the time for which the firing was planned, the same at every try. */
const SCHEDULED_TIME = "<aws.scheduler.scheduled-time>";
const SCHEDULE_ARN = "<aws.scheduler.schedule-arn>";
/** The source of schedules' events, unless they have another one. */
const SOURCE = "event-spine.schedule";
const NAME = /^[0-9a-z][0-9a-z_-]{0,31}$/;

export interface SpineScheduleProps {
  readonly spine: ISpine;
  /** Part of the names of schedule, queue and alarm; lower-case. Another name is another schedule. */
  readonly name: string;
  /** `rate(1 hour)`, `cron(0 2 * * ? *)` or `at(2026-11-30T09:00:00)`, as EventBridge Scheduler reads it. */
  readonly expression: string;
  /** An IANA time zone, in which cron and at are read, with its clock changes. @default UTC */
  readonly timeZone?: string;
  /**
   * The session that gets the event. With `<aws.scheduler.scheduled-time>` in it each firing has a session of its own, such as
   * `report-<aws.scheduler.scheduled-time>`.
   */
  readonly session: string;
  /** The event's type. */
  readonly type: string;
  /** The event's data; texts in it may contain `<aws.scheduler.scheduled-time>`. @default {} */
  readonly data?: JsonObject;
  /** How much later than planned it may fire, to spread load: 1 minute to a day. @default within its minute */
  readonly window?: Duration;
  /** @default true */
  readonly enabled?: boolean;
  /** The events' `source`, which with the account is the producer that tenants and rights name. @default event-spine.schedule */
  readonly source?: string;
  /** The actions of its alarm. @default those of the spine; for a spine of another stack its topic of alarms */
  readonly alarmActions?: readonly cloudwatch.IAlarmAction[];
}

/**
 * Sends an event to a session at given times: EventBridge Scheduler puts it on spine-in. Its id is made of the schedule and the planned
 * time, so a firing that Scheduler repeats is one event. What the bus does not take lies in a queue of its own, and an alarm rings.
 *
 * @example
 * new SpineSchedule(this, "Nightly", {
 *   spine,
 *   name: "nightly",
 *   expression: "cron(0 2 * * ? *)",
 *   timeZone: "Europe/Berlin",
 *   session: "report-<aws.scheduler.scheduled-time>",
 *   type: "ReportAsked",
 * });
 */
export class SpineSchedule extends Construct {
  /** May put events of its source on spine-in, and nothing else; a spine with `producers` must list it. */
  readonly role: iam.Role;
  readonly schedule: CfnSchedule;
  /** Where events wait that spine-in did not take. */
  readonly missed: sqs.Queue;
  readonly alarm: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: SpineScheduleProps) {
    super(scope, id);
    const { expression, timeZone, window, source = SOURCE, enabled = true } = props;
    const name = checkSchedule(props);
    const spine = seenFrom(this, props.spine);
    const { account, partition, region } = Stack.of(this);
    const busArn = `arn:${partition}:events:${region}:${account}:event-bus/${spineInName(spine.prefix)}`;
    const full = `${spine.prefix}-schedule-${name}`;
    this.role = new iam.Role(this, "Role", {
      assumedBy: new iam.ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
    });
    iam.Grant.addToPrincipal({
      grantee: this.role,
      actions: ["events:PutEvents"],
      resourceArns: [busArn],
      conditions: { StringEquals: { "events:source": source } },
    });
    this.missed = new sqs.Queue(this, "DeadLetters", {
      queueName: checkName("queue", `${full}-dead`),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    iam.Grant.addToPrincipal({
      grantee: this.role,
      actions: ["sqs:SendMessage"],
      resourceArns: [this.missed.queueArn],
    });
    this.schedule = new CfnSchedule(this, "Schedule", {
      name: full,
      description: `Event Spine: ${props.type}`,
      scheduleExpression: expression,
      scheduleExpressionTimezone: timeZone ?? "UTC",
      state: enabled ? "ENABLED" : "DISABLED",
      flexibleTimeWindow:
        window === undefined
          ? { mode: "OFF" }
          : { mode: "FLEXIBLE", maximumWindowInMinutes: window.toMinutes() },
      target: {
        arn: busArn,
        roleArn: this.role.roleArn,
        eventBridgeParameters: { source, detailType: props.type },
        input: JSON.stringify({
          session: props.session,
          id: `${SCHEDULE_ARN}/${SCHEDULED_TIME}`,
          data: props.data ?? {},
        }),
        deadLetterConfig: { arn: this.missed.queueArn },
      },
    });
    // A firing between the schedule and its rights would be missed.
    this.schedule.node.addDependency(this.role);
    const bell = { prefix: spine.prefix, alarmActions: props.alarmActions ?? spine.alarmActions };
    this.alarm = ring(this, `schedule-${name}-missed`, bell, {
      description: `spine-in did not take events of the schedule ${name}; no one else reads its queue.`,
      metric: this.missed.metricApproximateNumberOfMessagesVisible({
        statistic: cloudwatch.Stats.MAXIMUM,
        period: ALARM_PERIOD,
      }),
    });
  }
}

/** Throws what Scheduler, or the spine at the first firing, would refuse. */
function checkSchedule({ name, expression, timeZone, session, source = SOURCE }: SpineScheduleProps): string {
  if (!NAME.test(name))
    throw new Error(
      `The schedule name "${name}" is invalid. Use 1 to 32 lower-case letters, digits, - and _.`,
    );
  parseSchedule(expression);
  if (timeZone !== undefined && !isTimeZone(timeZone))
    throw new Error(`${timeZone} is not a time zone. Write one of the IANA database, such as Europe/Berlin.`);
  parseSessionId(session.replaceAll(SCHEDULED_TIME, "2026-11-30T09:00:00Z"));
  if (source.startsWith("aws.")) throw new Error(`The source ${source} is AWS's own. Choose another one.`);
  return name;
}

function isTimeZone(zone: string): boolean {
  try {
    return (
      new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "" &&
      !/^[+-]/.test(zone)
    );
  } catch {
    return false;
  }
}
