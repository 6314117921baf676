import { AwsError } from "../http/service-error.ts";
import type { AlarmState } from "./monitor.ts";
import { invalid } from "./read-metric-query.ts";

const MOST_RECORDS = 100;
const RECORDS = 50;
const STATES = ["OK", "ALARM", "INSUFFICIENT_DATA"];
const SUPPORTED: ReadonlySet<string> = new Set([
  "AlarmNamePrefix",
  "AlarmNames",
  "AlarmTypes",
  "MaxRecords",
  "NextToken",
  "StateValue",
]);

/** CloudWatch's DescribeAlarms: a page of the alarms that are asked for, by name. Other filters are not supported here. */
export function describeAlarms(
  input: Readonly<Record<string, unknown>>,
  alarms: readonly AlarmState[],
  arnOf: (name: string) => string,
): object {
  const unknown = Object.keys(input).find((name) => !SUPPORTED.has(name));
  if (unknown !== undefined)
    throw new AwsError(
      "UnsupportedOperation",
      `The local endpoint does not support ${unknown} in DescribeAlarms.`,
    );
  const { AlarmNamePrefix: prefix, AlarmNames: names, StateValue: state, MaxRecords: most = RECORDS } = input;
  if (prefix !== undefined && names !== undefined)
    throw invalid("AlarmNames cannot be specified together with AlarmNamePrefix.");
  if (prefix !== undefined && (typeof prefix !== "string" || prefix === "" || prefix.length > 255))
    throw invalid("The parameter AlarmNamePrefix must have 1 to 255 characters.");
  if (names !== undefined && (!Array.isArray(names) || names.length > MOST_RECORDS))
    throw invalid(`The collection AlarmNames must not have a size greater than ${MOST_RECORDS}.`);
  if (typeof most !== "number" || !Number.isInteger(most) || most < 1 || most > MOST_RECORDS)
    throw invalid(`The parameter MaxRecords must be from 1 to ${MOST_RECORDS}.`);
  if (state !== undefined && !STATES.includes(String(state)))
    throw invalid(`The parameter StateValue must be one of ${STATES.join(", ")}.`);
  const types: unknown = input["AlarmTypes"] ?? ["MetricAlarm"];
  if (!Array.isArray(types) || types.some((type) => type !== "MetricAlarm" && type !== "CompositeAlarm"))
    throw invalid("The parameter AlarmTypes must be MetricAlarm or CompositeAlarm.");

  const found = alarms
    .filter(({ alarm: { name }, state: is }) => {
      const isNamed = Array.isArray(names) ? names.includes(name) : name.startsWith(String(prefix ?? ""));
      return isNamed && (state === undefined || state === is) && types.includes("MetricAlarm");
    })
    .sort((a, b) => (a.alarm.name < b.alarm.name ? -1 : 1));
  const start = startOf(input["NextToken"], found.length);
  const next = start + most;
  return {
    MetricAlarms: found.slice(start, next).map((each) => describe(each, arnOf)),
    CompositeAlarms: [],
    ...(next < found.length && { NextToken: tokenOf(next) }),
  };
}

function describe({ alarm, state, since, madeAt }: AlarmState, arnOf: (name: string) => string): object {
  const { name, description, actions, periods, breaching, threshold, comparison } = alarm;
  const changed = (since ?? madeAt) / 1_000;
  return {
    AlarmName: name,
    AlarmArn: arnOf(name),
    AlarmDescription: description,
    ActionsEnabled: true,
    AlarmActions: actions,
    StateValue: state,
    StateUpdatedTimestamp: changed,
    StateTransitionedTimestamp: changed,
    EvaluationPeriods: periods,
    DatapointsToAlarm: breaching,
    Threshold: threshold,
    ComparisonOperator: comparison,
  };
}

const tokenOf = (at: number): string => Buffer.from(`alarms ${at}`).toString("base64");

function startOf(token: unknown, count: number): number {
  if (token === undefined || token === null) return 0;
  const at = Number(/^alarms (\d+)$/.exec(Buffer.from(String(token), "base64").toString())?.[1]);
  if (at > 0 && at <= count) return at;
  throw new AwsError("InvalidNextToken", "The next token specified is invalid.");
}
