import type { Metric, MetricDataQuery, MetricDataResult } from "@aws-sdk/client-cloudwatch";
import {
  MEASURED_MINUTES,
  type InvocationMeasures,
  type Measured,
  type MeasuredNames,
} from "#ports/monitoring.ts";
import { agentFunctionName, queueName } from "../names.ts";

/** What CloudWatch takes in one request. */
export const MOST_QUERIES = 500;
const PERIOD_SECONDS = MEASURED_MINUTES * 60;

const queryOf = (id: string, metric: Metric, stat: string): MetricDataQuery => ({
  Id: id,
  MetricStat: { Metric: metric, Period: PERIOD_SECONDS, Stat: stat },
});

/** What is asked of each function, by what the query's id ends with. */
const OF_FUNCTION = {
  invocations: { name: "Invocations", stat: "Sum" },
  errors: { name: "Errors", stat: "Sum" },
  p50: { name: "Duration", stat: "p50" },
  p95: { name: "Duration", stat: "p95" },
  p99: { name: "Duration", stat: "p99" },
} as const;

/** A query for each figure, under an id that `measuredIn` knows again. */
export function metricQueries(prefix: string, { hosts, queues }: MeasuredNames): readonly MetricDataQuery[] {
  const ofHosts = hosts.flatMap((host, at) =>
    Object.entries(OF_FUNCTION).map(([end, { name, stat }]) =>
      queryOf(
        `h${at}_${end}`,
        {
          Namespace: "AWS/Lambda",
          MetricName: name,
          Dimensions: [{ Name: "FunctionName", Value: agentFunctionName(prefix, host) }],
        },
        stat,
      ),
    ),
  );
  const ofQueues = queues.map((queue, at) =>
    queryOf(
      `q${at}_age`,
      {
        Namespace: "AWS/SQS",
        MetricName: "ApproximateAgeOfOldestMessage",
        Dimensions: [{ Name: "QueueName", Value: queueName(prefix, queue) }],
      },
      "Maximum",
    ),
  );
  return [...ofHosts, ...ofQueues];
}

/** What the answers to these queries say. */
export function measuredIn({ hosts, queues }: MeasuredNames, results: readonly MetricDataResult[]): Measured {
  const values = new Map(
    results.flatMap(({ Id = "", Values: [value] = [] }) => (value === undefined ? [] : [[Id, value]])),
  );
  const entries = <T>(names: readonly string[], of: (at: number) => T | undefined) =>
    new Map(
      names.flatMap((name, at) => {
        const found = of(at);
        return found === undefined ? [] : [[name, found] as const];
      }),
    );
  const invocationsOf = (at: number): InvocationMeasures | undefined => {
    const of = (end: keyof typeof OF_FUNCTION) => values.get(`h${at}_${end}`);
    const [invocations, errors, p50, p95, p99] = [
      of("invocations"),
      of("errors"),
      of("p50"),
      of("p95"),
      of("p99"),
    ];
    if (invocations === undefined) return undefined;
    const isTimed = p50 !== undefined && p95 !== undefined && p99 !== undefined;
    return { invocations, errors: errors ?? 0, ...(isTimed && { latencyMs: { p50, p95, p99 } }) };
  };
  return {
    hosts: entries(hosts, invocationsOf),
    oldestSeconds: entries(queues, (at) => values.get(`q${at}_age`)),
  };
}
