import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type DescribeAlarmsCommandOutput,
  type GetMetricDataCommandOutput,
  type MetricAlarm,
  type MetricDataQuery,
  type MetricDataResult,
} from "@aws-sdk/client-cloudwatch";
import { MEASURED_MINUTES, type AlarmReport, type Monitoring } from "#ports/monitoring.ts";
import type { Clock } from "#ports/clock.ts";
import { reaching } from "../aws-error.ts";
import { clientDefaults, MONITORING } from "../clients.ts";
import { alarmPrefix } from "../names.ts";
import { measuredIn, metricQueries, MOST_QUERIES } from "./metric-queries.ts";
import { ownAlarmNames } from "./own-alarm-names.ts";

export interface CloudWatchMonitoringOptions {
  readonly client: CloudWatchClient;
  /** The spine's. */
  readonly prefix: string;
  readonly clock: Pick<Clock, "now">;
}

const MINUTE_MS = 60_000;
/** The most that CloudWatch gives at once. */
const ALARM_PAGE = 100;
/** A spine of 300 agents has fewer alarms. */
const MOST_PAGES = 10;

/**
 * CloudWatch's metrics and alarms of a spine: two requests, and one more for each further 500 figures or 100 alarms. Of the first
 * 1,000 alarms; AWS bills GetMetricData by the figure.
 */
export function createCloudWatchMonitoring(options: CloudWatchMonitoringOptions): Monitoring {
  const { client, prefix, clock } = options;

  const ask = async (queries: readonly MetricDataQuery[]): Promise<readonly MetricDataResult[]> => {
    const end = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS;
    const results: MetricDataResult[] = [];
    let next: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer: GetMetricDataCommandOutput = await client.send(
        new GetMetricDataCommand({
          MetricDataQueries: [...queries],
          StartTime: new Date(end - MEASURED_MINUTES * MINUTE_MS),
          EndTime: new Date(end),
          NextToken: next,
        }),
      );
      results.push(...(answer.MetricDataResults ?? []));
      next = answer.NextToken;
      if (next === undefined) break;
    }
    return results;
  };

  const allAlarms = async (): Promise<readonly MetricAlarm[]> => {
    const found: MetricAlarm[] = [];
    let next: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer: DescribeAlarmsCommandOutput = await client.send(
        new DescribeAlarmsCommand({
          AlarmNamePrefix: alarmPrefix(prefix),
          AlarmTypes: ["MetricAlarm"],
          MaxRecords: ALARM_PAGE,
          NextToken: next,
        }),
      );
      found.push(...(answer.MetricAlarms ?? []));
      next = answer.NextToken;
      if (next === undefined) break;
    }
    return found;
  };

  return {
    async lately(names) {
      const queries = metricQueries(prefix, names);
      const starts = Array.from(
        { length: Math.ceil(queries.length / MOST_QUERIES) },
        (_, at) => at * MOST_QUERIES,
      );
      const answers = await reaching("Reading the spine's metrics", () =>
        Promise.all(starts.map((start) => ask(queries.slice(start, start + MOST_QUERIES)))),
      );
      return measuredIn(names, answers.flat());
    },
    async alarms() {
      const found = await reaching("Reading the spine's alarms", allAlarms);
      const own = new Set(
        ownAlarmNames(
          prefix,
          found.map(({ AlarmName = "" }) => AlarmName),
        ),
      );
      return found
        .filter(({ AlarmName = "" }) => own.has(AlarmName))
        .map((alarm) => reportOf(alarm, alarmPrefix(prefix).length))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
  };
}

const STATES = { ALARM: "alarm", OK: "ok", INSUFFICIENT_DATA: "insufficient-data" } as const;

const reportOf = (alarm: MetricAlarm, prefixLength: number): AlarmReport => ({
  name: (alarm.AlarmName ?? "").slice(prefixLength),
  state: STATES[alarm.StateValue ?? "INSUFFICIENT_DATA"],
  since: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.getTime() ?? 0,
  description: alarm.AlarmDescription ?? "",
});

/** With a client made for it, for functions that load this on demand. */
export const createDefaultCloudWatchMonitoring = (
  options: Omit<CloudWatchMonitoringOptions, "client">,
): Monitoring =>
  createCloudWatchMonitoring({ ...options, client: new CloudWatchClient(clientDefaults(MONITORING)) });
