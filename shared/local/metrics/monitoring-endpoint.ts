import { jsonRefusal, jsonService, type JsonCall } from "../http/json-service.ts";
import { serveLoopback, type LoopbackServer } from "../http/loopback-server.ts";
import { AwsError } from "../http/service-error.ts";
import type { Access } from "../iam/access.ts";
import { MONITORING } from "../signing/services.ts";
import { describeAlarms } from "./describe-alarms.ts";
import { MINUTE_MS, minuteOf, type MetricStore } from "./metric-store.ts";
import type { AlarmState } from "./monitor.ts";
import { invalid, readMetricQueries, type MetricQuery } from "./read-metric-query.ts";

export interface MonitoringEndpointOptions {
  readonly store: Pick<MetricStore, "statistic">;
  readonly alarms: () => readonly AlarmState[];
  readonly access: Access;
  readonly account: string;
  readonly region: string;
  readonly now: () => number;
}

const CONTENT_TYPE = "application/x-amz-json-1.0";
const MOST_POINTS = 100_800;

/**
 * CloudWatch's GetMetricData and DescribeAlarms over what is measured here. A metric that nothing has written has no values, as on
 * AWS. Data points begin at StartTime, rounded down to the minute; they are never more than one answer holds.
 */
export function serveMonitoring(options: MonitoringEndpointOptions): Promise<LoopbackServer> {
  const { store, alarms, access, account, region, now } = options;

  const getMetricData = ({ caller, input }: JsonCall) => {
    // It has no resources.
    access.check(caller, "GetMetricData", "cloudwatch:GetMetricData", "*");
    const from = timeOf(input, "StartTime");
    const to = timeOf(input, "EndTime");
    if (from >= to) throw invalid("The parameter StartTime must be less than the parameter EndTime.");
    if (input["NextToken"] !== undefined && input["NextToken"] !== null)
      throw new AwsError("InvalidNextToken", "The next token specified is invalid.");
    const most = input["MaxDatapoints"] ?? MOST_POINTS;
    if (typeof most !== "number" || !Number.isInteger(most) || most < 1 || most > MOST_POINTS)
      throw invalid(`The parameter MaxDatapoints must be from 1 to ${MOST_POINTS}.`);
    const scan = input["ScanBy"] ?? "TimestampDescending";
    if (scan !== "TimestampDescending" && scan !== "TimestampAscending")
      throw invalid("The parameter ScanBy must be TimestampDescending or TimestampAscending.");
    const queries = readMetricQueries(input["MetricDataQueries"], from, now());
    const start = minuteOf(from) * MINUTE_MS;
    const points = (periodMs: number) => Math.ceil((to - start) / periodMs);
    const asked = queries.reduce((sum, { periodMs }) => sum + points(periodMs), 0);
    if (asked > most)
      throw new AwsError("UnsupportedOperation", "The local endpoint gives no second page of data points.");
    const valuesOf = ({ key, statistic, periodMs }: MetricQuery) => {
      const found = Array.from({ length: points(periodMs) }, (_, at) => start + at * periodMs).flatMap(
        (at) => {
          const value = store.statistic(key, statistic, at, Math.min(at + periodMs, to));
          return value === undefined ? [] : [{ at, value }];
        },
      );
      return scan === "TimestampAscending" ? found : found.reverse();
    };
    return {
      MetricDataResults: queries
        .filter(({ returned }) => returned)
        .map((query) => {
          const found = valuesOf(query);
          return {
            Id: query.id,
            Label: query.key.name,
            StatusCode: "Complete",
            Timestamps: found.map(({ at }) => at / 1_000),
            Values: found.map(({ value }) => value),
          };
        }),
      Messages: [],
    };
  };

  return serveLoopback(
    jsonService({
      access,
      service: MONITORING,
      contentType: CONTENT_TYPE,
      refusal: jsonRefusal(CONTENT_TYPE),
      operations: {
        GetMetricData: getMetricData,
        DescribeAlarms({ caller, input }) {
          const arn = (name: string) => `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;
          // Whoever names none of them asks for all.
          access.check(caller, "DescribeAlarms", "cloudwatch:DescribeAlarms", arn("*"));
          return describeAlarms(input, alarms(), arn);
        },
      },
    }),
  );
}

/** A time of the JSON protocol, in seconds, as ms. */
function timeOf(input: JsonCall["input"], name: string): number {
  const value = input[name];
  if (typeof value === "number" && Number.isFinite(value)) return value * 1_000;
  throw invalid(`The parameter ${name} is required.`);
}
