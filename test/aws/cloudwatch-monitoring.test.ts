import { CloudWatchClient, DescribeAlarmsCommand, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { beforeEach, describe, expect, it } from "vitest";
import { createCloudWatchMonitoring } from "#aws/cloudwatch/cloudwatch-monitoring.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";

const cloudwatch = mockedClient(CloudWatchClient);
const NOW = Date.UTC(2026, 0, 5, 9, 30, 20);
const monitoring = createCloudWatchMonitoring({
  client: new CloudWatchClient({}),
  prefix: "spine",
  clock: { now: () => NOW },
});

beforeEach(() => {
  cloudwatch.reset();
});

const metric = (Namespace: string, MetricName: string, Name: string, Value: string) => ({
  Namespace,
  MetricName,
  Dimensions: [{ Name, Value }],
});

describe("monitoring on CloudWatch", () => {
  it("asks for the last five whole minutes of each function and queue in one request", async () => {
    cloudwatch.on(GetMetricDataCommand).resolves({
      MetricDataResults: [
        { Id: "h0_invocations", Values: [40] },
        { Id: "h0_errors", Values: [] },
        { Id: "h0_p50", Values: [120] },
        { Id: "h0_p95", Values: [800] },
        { Id: "h0_p99", Values: [900.5] },
        { Id: "q0_age", Values: [12] },
        { Id: "q1_age", Values: [] },
      ],
    });
    const measured = await monitoring.lately({ hosts: ["reply"], queues: ["inbox.fifo", "deadlines"] });
    expect(measured.hosts.get("reply")).toEqual({
      invocations: 40,
      errors: 0,
      latencyMs: { p50: 120, p95: 800, p99: 900.5 },
    });
    expect([...measured.oldestSeconds]).toEqual([["inbox.fifo", 12]]);
    const ofFunction = (name: string) => metric("AWS/Lambda", name, "FunctionName", "spine-agent-reply");
    const ofQueue = (name: string) => metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name);
    const stat = (Id: string, Metric: object, Stat: string) => ({
      Id,
      MetricStat: { Metric, Period: 300, Stat },
    });
    expect(inputsOf(cloudwatch)).toEqual([
      {
        StartTime: new Date(Date.UTC(2026, 0, 5, 9, 25)),
        EndTime: new Date(Date.UTC(2026, 0, 5, 9, 30)),
        MetricDataQueries: [
          stat("h0_invocations", ofFunction("Invocations"), "Sum"),
          stat("h0_errors", ofFunction("Errors"), "Sum"),
          stat("h0_p50", ofFunction("Duration"), "p50"),
          stat("h0_p95", ofFunction("Duration"), "p95"),
          stat("h0_p99", ofFunction("Duration"), "p99"),
          stat("q0_age", ofQueue("spine-inbox.fifo"), "Maximum"),
          stat("q1_age", ofQueue("spine-deadlines"), "Maximum"),
        ],
      },
    ]);
  });

  it("makes as many requests as 500 figures each take, and none for nothing", async () => {
    cloudwatch.on(GetMetricDataCommand).resolves({ MetricDataResults: [] });
    const names = (count: number) => Array.from({ length: count }, (_, at) => `a${at}`);
    await monitoring.lately({ hosts: [], queues: [] });
    expect(inputsOf(cloudwatch)).toHaveLength(0);
    await monitoring.lately({ hosts: names(100), queues: [] });
    expect(inputsOf(cloudwatch)).toHaveLength(1);
    await monitoring.lately({ hosts: names(100), queues: ["inbox.fifo"] });
    expect(inputsOf(cloudwatch)).toHaveLength(3);
  });

  it("follows pages of figures and of alarms", async () => {
    cloudwatch
      .on(GetMetricDataCommand)
      .resolvesOnce({ NextToken: "more" })
      .resolvesOnce({ MetricDataResults: [{ Id: "q0_age", Values: [3] }] });
    const { oldestSeconds } = await monitoring.lately({ hosts: [], queues: ["inbox.fifo"] });
    expect(oldestSeconds.get("inbox.fifo")).toBe(3);
    cloudwatch
      .on(DescribeAlarmsCommand)
      .resolvesOnce({ MetricAlarms: [{ AlarmName: "spine-b", StateValue: "OK" }], NextToken: "more" })
      .resolvesOnce({
        MetricAlarms: [
          {
            AlarmName: "spine-a",
            StateValue: "ALARM",
            AlarmDescription: "of a test",
            StateUpdatedTimestamp: new Date(2_000),
            StateTransitionedTimestamp: new Date(1_000),
          },
        ],
      });
    expect(await monitoring.alarms()).toEqual([
      { name: "a", state: "alarm", since: 1_000, description: "of a test" },
      { name: "b", state: "ok", since: 0, description: "" },
    ]);
    expect(inputsOf(cloudwatch).slice(-2)).toEqual([
      { AlarmNamePrefix: "spine-", AlarmTypes: ["MetricAlarm"], MaxRecords: 100 },
      { AlarmNamePrefix: "spine-", AlarmTypes: ["MetricAlarm"], MaxRecords: 100, NextToken: "more" },
    ]);
  });

  it("is an error that may be tried again where CloudWatch does not answer", async () => {
    cloudwatch.on(GetMetricDataCommand).rejects(awsError("ThrottlingException"));
    cloudwatch.on(DescribeAlarmsCommand).rejects(awsError("AccessDenied"));
    const unavailable = { code: "log.unavailable", retryable: true };
    await expect(monitoring.lately({ hosts: ["reply"], queues: [] })).rejects.toMatchObject(unavailable);
    await expect(monitoring.alarms()).rejects.toMatchObject(unavailable);
  });
});
