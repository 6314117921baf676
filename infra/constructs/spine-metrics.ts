import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type * as sqs from "aws-cdk-lib/aws-sqs";
import {
  METRICS_NAMESPACE,
  type AgentMetric,
  type FunctionMetric,
  type SpineMetric,
} from "#aws/observe/metrics.ts";
import { ALARM_PERIOD } from "./alarm.ts";

/** Metrics that alarms and dashboard look at, each by the dimensions under which AWS or our functions write it. */

const { SUM, MAXIMUM } = cloudwatch.Stats;
const MINUTE = Duration.minutes(1);

const ours = (metricName: string, dimensionsMap: Record<string, string>): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap,
    statistic: SUM,
    period: ALARM_PERIOD,
  });

export const spineMetric = (prefix: string, name: SpineMetric): cloudwatch.Metric =>
  ours(name, { spine: prefix });

export const agentMetric = (prefix: string, agent: string, name: AgentMetric): cloudwatch.Metric =>
  ours(name, { spine: prefix, agent });

export const functionMetric = (functionName: string, name: FunctionMetric): cloudwatch.Metric =>
  ours(name, { service: functionName });

export const errorsOf = (target: lambda.IFunction): cloudwatch.Metric =>
  target.metricErrors({ statistic: SUM, period: ALARM_PERIOD });

export const throttlesOf = (target: lambda.IFunction): cloudwatch.Metric =>
  target.metricThrottles({ statistic: SUM, period: ALARM_PERIOD });

/** How many answers of a function's URL were errors of ours. */
export const urlFailuresOf = (target: lambda.IFunction): cloudwatch.Metric =>
  target.metric("Url5xxCount", { statistic: SUM, period: ALARM_PERIOD });

/** How old the last record of a stream's batch was, in ms, when its function was called with it. */
export const iteratorAgeOf = (target: lambda.IFunction): cloudwatch.Metric =>
  target.metric("IteratorAge", { statistic: MAXIMUM, period: ALARM_PERIOD });

/** What a rule could not deliver. On a bus of its own a rule's metrics go by bus and rule, on the default bus by rule. */
export const ruleMetric = (
  metricName: "FailedInvocations" | "InvocationsSentToDlq" | "InvocationsFailedToBeSentToDlq",
  dimensionsMap: { readonly RuleName: string; readonly EventBusName?: string },
): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: "AWS/Events",
    metricName,
    dimensionsMap: { ...dimensionsMap },
    statistic: SUM,
    period: ALARM_PERIOD,
  });

/** Requests of items that a table, or one of its partitions, had no capacity for. Written only while there are some. */
export const tableThrottlesOf = (
  table: dynamodb.ITable,
  metricName: "ReadThrottleEvents" | "WriteThrottleEvents",
): cloudwatch.Metric => table.metric(metricName, { statistic: SUM, period: ALARM_PERIOD });

/** How long the oldest message has been in a queue, in seconds. */
export const ageOf = (queue: sqs.IQueue): cloudwatch.Metric =>
  queue.metricApproximateAgeOfOldestMessage({ statistic: MAXIMUM, period: ALARM_PERIOD });

/**
 * How many messages a queue holds, in the minute. The age of a standard queue's oldest message leaves out those that were
 * received three times or more, so that one which nobody can take has no age there.
 */
export const heldBy = (queue: sqs.IQueue): cloudwatch.MathExpression =>
  new cloudwatch.MathExpression({
    expression: "visible + hidden",
    usingMetrics: {
      visible: queue.metricApproximateNumberOfMessagesVisible({ statistic: MAXIMUM, period: MINUTE }),
      hidden: queue.metricApproximateNumberOfMessagesNotVisible({ statistic: MAXIMUM, period: MINUTE }),
    },
    label: "messages held",
    period: MINUTE,
  });

/** The largest of some metrics. */
export function largestOf(metrics: readonly cloudwatch.Metric[], label: string): cloudwatch.IMetric {
  const [only] = metrics;
  if (metrics.length === 1 && only !== undefined) return only;
  const using = metrics.map((metric, at) => [`m${at + 1}`, metric] as const);
  return new cloudwatch.MathExpression({
    expression: `MAX([${using.map(([name]) => name).join(", ")}])`,
    usingMetrics: Object.fromEntries(using),
    label,
    period: ALARM_PERIOD,
  });
}
