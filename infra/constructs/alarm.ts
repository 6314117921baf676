import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { alarmPrefix } from "#aws/names.ts";
import { checkName } from "../settings/aws-limits.ts";

/** The owner of alarms, and their actions. */
export interface Bell {
  /** The prefix of the spine: alarms' names start with it. */
  readonly prefix: string;
  readonly alarmActions: readonly cloudwatch.IAlarmAction[];
}

export interface RingOptions {
  /** Its meaning, for the person whom it wakes; docs/operations.md lists the steps under the alarm's name. */
  readonly description: string;
  readonly metric: cloudwatch.IMetric;
  /** @default 1 */
  readonly threshold?: number;
  /** The number of consecutive periods at the threshold. @default 1 */
  readonly periods?: number;
}

/** What an alarm looks at, but for those that look at each of some minutes. */
export const ALARM_PERIOD = Duration.minutes(5);

/**
 * An alarm that rings from the threshold on, and does not ring without data: most metrics here exist only during failures. Its
 * name in the account consists of the spine's prefix and its own name.
 */
export function ring(
  scope: Construct,
  name: string,
  { prefix, alarmActions }: Bell,
  { description, metric, threshold = 1, periods = 1 }: RingOptions,
): cloudwatch.Alarm {
  const alarm = new cloudwatch.Alarm(scope, name, {
    alarmName: checkName("alarm", alarmPrefix(prefix) + name),
    alarmDescription: `Event Spine: ${description} See docs/operations.md.`,
    metric,
    threshold,
    evaluationPeriods: periods,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(...alarmActions);
  return alarm;
}
