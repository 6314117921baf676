import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";

export interface RingOptions {
  /** What it means and what to do, as whoever is woken up reads it. */
  readonly description: string;
  readonly metric: cloudwatch.IMetric;
  /** @default 1 */
  readonly threshold?: number;
}

/** What an alarm looks at once: one such span over the threshold rings. */
export const ALARM_PERIOD = Duration.minutes(5);

/** An alarm that rings from the threshold on, and is quiet where nothing was measured. Whom it tells is its owner's choice. */
export function ring(scope: Construct, id: string, options: RingOptions): cloudwatch.Alarm {
  return new cloudwatch.Alarm(scope, id, {
    alarmDescription: `Event Spine: ${options.description}`,
    metric: options.metric,
    threshold: options.threshold ?? 1,
    evaluationPeriods: 1,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
}
