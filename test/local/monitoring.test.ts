import {
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type DescribeAlarmsCommandInput,
  type GetMetricDataCommandInput,
  type MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import { beforeAll, describe, expect, it } from "vitest";
import { atFileEnd } from "../support/file-end.ts";
import { alarmNamed, startLocalMonitoring, type LocalMonitoring } from "../support/local-monitoring.ts";

const NOW = Date.UTC(2026, 0, 5, 9, 30);
const MINUTE = 60_000;
const DAY = 86_400_000;

const METRIC = { Namespace: "AWS/SQS", MetricName: "ApproximateAgeOfOldestMessage" };
const query = (more: Partial<MetricDataQuery> = {}, period = 60, stat = "Maximum"): MetricDataQuery => ({
  Id: "q",
  MetricStat: {
    Metric: { ...METRIC, Dimensions: [{ Name: "QueueName", Value: "letters" }] },
    Period: period,
    Stat: stat,
  },
  ...more,
});
const data = (more: Partial<GetMetricDataCommandInput> = {}): GetMetricDataCommandInput => ({
  StartTime: new Date(NOW - 5 * MINUTE),
  EndTime: new Date(NOW),
  MetricDataQueries: [query()],
  ...more,
});

describe("CloudWatch of this machine", () => {
  let local: LocalMonitoring;
  const measure = (input = data()) => local.client.send(new GetMetricDataCommand(input));
  const alarms = (input: DescribeAlarmsCommandInput = {}) =>
    local.client.send(new DescribeAlarmsCommand(input));

  beforeAll(async () => {
    local = await startLocalMonitoring(NOW);
    atFileEnd(local.stop);
    const key = {
      namespace: METRIC.Namespace,
      name: METRIC.MetricName,
      dimensions: { QueueName: "letters" },
    };
    for (let ago = 1; ago <= 5; ago += 1) if (ago !== 3) local.store.record(key, ago, NOW - ago * MINUTE);
    for (let at = 0; at < 60; at += 1)
      local.alarms.push({
        alarm: alarmNamed(`spine-${String(at).padStart(2, "0")}`),
        state: at === 7 ? "ALARM" : "OK",
        since: undefined,
        madeAt: NOW - DAY,
      });
  });

  it("has a data point for each period in which something was measured, the newest first", async () => {
    const { MetricDataResults: [found] = [] } = await measure();
    expect(found).toMatchObject({ Id: "q", StatusCode: "Complete", Values: [1, 2, 4, 5] });
    expect(found?.Timestamps?.map((at) => (NOW - at.getTime()) / MINUTE)).toEqual([1, 2, 4, 5]);
    const ascending = await measure(data({ ScanBy: "TimestampAscending" }));
    expect(ascending.MetricDataResults?.[0]?.Values).toEqual([5, 4, 2, 1]);
    const whole = await measure(data({ MetricDataQueries: [query({}, 300, "Sum")] }));
    expect(whole.MetricDataResults?.[0]?.Values).toEqual([12]);
  });

  it("has no values of a metric that nothing wrote, and no result for what is not to be returned", async () => {
    const Metric = { ...METRIC, Dimensions: [{ Name: "QueueName", Value: "other" }] };
    const MetricStat = { Metric, Period: 60, Stat: "Maximum" };
    const input = data({
      MetricDataQueries: [query({ Id: "hidden", ReturnData: false }), { Id: "other", MetricStat }],
    });
    expect((await measure(input)).MetricDataResults).toMatchObject([{ Id: "other", Values: [] }]);
  });

  it.each<[string, Partial<GetMetricDataCommandInput>]>([
    ["a period that is no multiple of a minute", { MetricDataQueries: [query({}, 90)] }],
    ["a period below a minute", { MetricDataQueries: [query({}, 10)] }],
    ["a fine period long ago", { StartTime: new Date(NOW - 16 * DAY) }],
    ["a statistic that there is not", { MetricDataQueries: [query({}, 60, "Median")] }],
    ["an id that begins with a capital letter", { MetricDataQueries: [query({ Id: "Q" })] }],
    ["two queries of one id", { MetricDataQueries: [query(), query()] }],
    ["a metric beside an expression", { MetricDataQueries: [query({ Expression: "1 + 1" })] }],
    ["nothing to return", { MetricDataQueries: [query({ ReturnData: false })] }],
    ["no query", { MetricDataQueries: [] }],
    [
      "more than 500 queries",
      { MetricDataQueries: Array.from({ length: 501 }, (_, at) => query({ Id: `q${at}` })) },
    ],
    ["a time that ends before it starts", { EndTime: new Date(NOW - 6 * MINUTE) }],
    ["more data points than 100,800", { MaxDatapoints: 100_801 }],
  ])("refuses %s", async (_, more) => {
    await expect(measure(data(more))).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("refuses a page that it gave no token for", async () => {
    await expect(measure(data({ NextToken: "x" }))).rejects.toMatchObject({ name: "InvalidNextToken" });
    await expect(alarms({ NextToken: "x" })).rejects.toMatchObject({ name: "InvalidNextToken" });
  });

  it("lists alarms in pages of 50, or of as many as are asked for up to 100", async () => {
    const first = await alarms({ AlarmNamePrefix: "spine-" });
    expect(first.MetricAlarms).toHaveLength(50);
    const rest = await alarms({ AlarmNamePrefix: "spine-", NextToken: first.NextToken });
    expect([rest.MetricAlarms?.length, rest.NextToken]).toEqual([10, undefined]);
    expect((await alarms({ MaxRecords: 100 })).MetricAlarms).toHaveLength(60);
    expect((await alarms({ AlarmNamePrefix: "other-" })).MetricAlarms).toEqual([]);
    expect((await alarms({ AlarmTypes: ["CompositeAlarm"] })).MetricAlarms).toEqual([]);
    expect((await alarms({ StateValue: "ALARM" })).MetricAlarms).toMatchObject([
      {
        AlarmName: "spine-07",
        AlarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:spine-07",
        StateUpdatedTimestamp: new Date(NOW - DAY),
      },
    ]);
  });

  it.each<[string, DescribeAlarmsCommandInput]>([
    ["more than 100 at once", { MaxRecords: 101 }],
    ["names beside a prefix", { AlarmNames: ["a"], AlarmNamePrefix: "a" }],
    ["more than 100 names", { AlarmNames: Array.from({ length: 101 }, (_, at) => `a${at}`) }],
    ["an empty prefix", { AlarmNamePrefix: "" }],
  ])("lists no alarms for %s", async (_, input) => {
    await expect(alarms(input)).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("lists alarms to who has the right to all of them, and gives figures to who has it without resources", async () => {
    const arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm";
    const listed = (resource: string) =>
      local.allowedOn(resource).send(new DescribeAlarmsCommand({ AlarmNamePrefix: "spine-" }));
    await expect(listed(`${arn}:spine-*`)).rejects.toMatchObject({ name: "AccessDeniedException" });
    expect((await listed(`${arn}:*`)).MetricAlarms).toHaveLength(50);
    const measured = (resource: string) => local.allowedOn(resource).send(new GetMetricDataCommand(data()));
    await expect(measured(`${arn}:*`)).rejects.toMatchObject({ name: "AccessDeniedException" });
    expect((await measured("*")).MetricDataResults).toHaveLength(1);
  });
});
