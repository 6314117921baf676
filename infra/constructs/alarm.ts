import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { checkName } from "../settings/aws-limits.ts";

/** Whose alarms they are, and whom they tell. */
export interface Bell {
  /** The prefix of the spine: alarms' names start with it. */
  readonly prefix: string;
  readonly alarmActions: readonly cloudwatch.IAlarmAction[];
}

export interface RingOptions {
  /** What it means, as whoever is woken up reads it; what to do stands in docs/operations.md under the alarm's name. */
  readonly description: string;
  readonly metric: cloudwatch.IMetric;
  /** @default 1 */
  readonly threshold?: number;
  /** So many of the metric's periods one after another, each at the threshold. @default 1 */
  readonly periods?: number;
}

/** What an alarm looks at, but for those that look at each of some minutes. */
export const ALARM_PERIOD = Duration.minutes(5);

/**
 * An alarm that rings from the threshold on, and is quiet where nothing was measured: most metrics here are only there
 * while there is trouble. Its name in the account is the spine's prefix and its own name.
 */
export function ring(
  scope: Construct,
  name: string,
  { prefix, alarmActions }: Bell,
  { description, metric, threshold = 1, periods = 1 }: RingOptions,
): cloudwatch.Alarm {
  const alarm = new cloudwatch.Alarm(scope, name, {
    alarmName: checkName("alarm", `${prefix}-${name}`),
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
