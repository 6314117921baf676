import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { beforeAll, describe, expect, it } from "vitest";
import { createMovableClock, type MovableClock } from "#memory/movable-clock.ts";
import type { LocalCloud } from "#local/cloud.ts";
import type { LogLine } from "#local/provision/site.ts";
import { functionResources, getAtt, startCloud, writeAssembly, type Resources } from "./fixture/assembly.ts";
import { connectionTo } from "#local/connection-to.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5);

const metric = (MetricName: string, more: object = {}) => ({
  Namespace: "AWS/SQS",
  MetricName,
  Dimensions: [{ Name: "QueueName", Value: getAtt("Queue", "QueueName") }],
  ...more,
});
const alarm = (AlarmName: string, more: object) => ({
  Type: "AWS::CloudWatch::Alarm",
  Properties: {
    AlarmName,
    AlarmDescription: "Of a test.",
    AlarmActions: [{ Ref: "Topic" }],
    Threshold: 1,
    EvaluationPeriods: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    TreatMissingData: "notBreaching",
    ...more,
  },
});
const cloudwatch = { Effect: "Allow", Principal: { Service: "cloudwatch.amazonaws.com" } };
const TOPIC: Resources = {
  Key: {
    Type: "AWS::KMS::Key",
    Properties: {
      KeyPolicy: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { AWS: "arn:aws:iam::000000000000:root" },
            Action: "kms:*",
            Resource: "*",
          },
          { ...cloudwatch, Action: ["kms:Decrypt", "kms:GenerateDataKey*"], Resource: "*" },
        ],
      },
    },
  },
  Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "alarms", KmsMasterKeyId: getAtt("Key") } },
  TopicPolicy: {
    Type: "AWS::SNS::TopicPolicy",
    Properties: {
      Topics: [{ Ref: "Topic" }],
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [{ ...cloudwatch, Action: "sns:Publish", Resource: { Ref: "Topic" } }],
      },
    },
  },
};
const RESOURCES: Resources = {
  ...TOPIC,
  Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "letters", VisibilityTimeout: 30 } },
  Age: alarm("age", {
    ...metric("ApproximateAgeOfOldestMessage"),
    Statistic: "Maximum",
    Period: 60,
    Threshold: 300,
  }),
  Held: alarm("held", {
    EvaluationPeriods: 3,
    Metrics: [
      { Id: "sum", Expression: "visible + hidden" },
      ...(["visible", "hidden"] as const).map((Id) => ({
        Id,
        ReturnData: false,
        MetricStat: {
          Metric: metric(`ApproximateNumberOfMessages${Id === "visible" ? "Visible" : "NotVisible"}`),
          Period: 60,
          Stat: "Maximum",
        },
      })),
    ],
  }),
};

const EMBEDDED = `export const handler = ({ metric }) => {
  const Metrics = [{ Name: metric }];
  const CloudWatchMetrics = [{ Namespace: "EventSpine", Dimensions: [["service"]], Metrics }];
  console.log(JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics }, service: "counter", [metric]: 1 }));
};`;

describe("alarms of a template", () => {
  let cloud: LocalCloud;
  let clock: MovableClock;
  let sqs: SQSClient;
  const told: string[] = [];
  const lines: LogLine[] = [];
  const client = (service: string) => connectionTo(cloud.environment, service);

  beforeAll(async () => {
    clock = createMovableClock(START);
    cloud = await startCloud({
      templateDir: writeAssembly(
        { ...RESOURCES, ...functionResources("counter", []) },
        { counter: EMBEDDED },
      ),
      clock,
      onAlarm: ({ alarm: { name }, state }) => told.push(`${name} ${state}`),
      onLog: (line) => lines.push(line),
    });
    sqs = new SQSClient(client("SQS"));
  });

  it("ring on a message that no consumer accepts, when the oldest age no longer counts it", async () => {
    const QueueUrl = `${cloud.environment["AWS_ENDPOINT_URL_SQS"]}/000000000000/letters`;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "poison" }));
    for (let receives = 1; receives <= 3; receives += 1) {
      await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      clock.advanceBy(MINUTE);
    }
    for (let minutes = 0; minutes < 10; minutes += 1) clock.advanceBy(MINUTE);
    expect(told).toEqual(["held ALARM"]);
    expect(cloud.alarms().map(({ alarm: { name }, state }) => [name, state])).toEqual([
      ["age", "OK"],
      ["held", "ALARM"],
    ]);
  });

  it("use the metrics that functions print, and report those that nothing could use", async () => {
    const lambda = new LambdaClient(client("LAMBDA"));
    const print = (metric: string) =>
      lambda.send(new InvokeCommand({ FunctionName: "counter", Payload: JSON.stringify({ metric }) }));
    await print("Letters");
    await print("Leters");
    const key = { namespace: "EventSpine", name: "Letters", dimensions: { service: "counter" } };
    // The function's clock is the machine's.
    const counted = () => cloud.metrics.statistic(key, "Sum", Date.now() - 5 * MINUTE, Date.now() + MINUTE);
    await expect.poll(counted).toBe(1);
    await expect
      .poll(() => lines.filter(({ kind }) => kind === "trouble").map(({ text }) => text))
      .toEqual([expect.stringContaining("no function counts it")]);
    lambda.destroy();
  });

  const refused = (resources: Resources) => startCloud({ templateDir: writeAssembly(resources) });
  const without = (id: string) =>
    Object.fromEntries(Object.entries(RESOURCES).filter(([name]) => name !== id)) as Resources;

  it("are rejected when CloudWatch may not notify anyone", async () => {
    await expect(refused(without("TopicPolicy"))).rejects.toThrow(/no policy allows CloudWatch sns:Publish/);
    const { Key } = RESOURCES;
    const { KeyPolicy } = Key?.Properties as {
      readonly KeyPolicy: { readonly Statement: readonly object[] };
    };
    const closed = { ...KeyPolicy, Statement: KeyPolicy.Statement.slice(0, 1) };
    const key = { Type: "AWS::KMS::Key", Properties: { KeyPolicy: closed } };
    await expect(refused({ ...RESOURCES, Key: key })).rejects.toThrow(
      /no policy allows CloudWatch kms:Decrypt/,
    );
    const elsewhere = alarm("held", {
      ...metric("ApproximateNumberOfMessagesVisible"),
      Statistic: "Sum",
      Period: 60,
    });
    const wrong = {
      ...elsewhere,
      Properties: { ...elsewhere.Properties, AlarmActions: ["arn:aws:sns:r:1:other"] },
    };
    await expect(refused({ ...RESOURCES, Held: wrong })).rejects.toThrow(/is not a topic of the template/);
  });

  it("refuse an alarm that tells a topic with SNS's own key", async () => {
    const Topic = {
      Type: "AWS::SNS::Topic",
      Properties: { TopicName: "alarms", KmsMasterKeyId: "alias/aws/sns" },
    };
    await expect(refused({ ...RESOURCES, Topic })).rejects.toThrow(/does not allow access by CloudWatch/);
  });

  it("are rejected when they use a metric that nothing writes, and so is a dashboard", async () => {
    const blind = alarm("blind", { ...metric("AgeOfOldestMessage"), Statistic: "Maximum", Period: 60 });
    await expect(refused({ ...RESOURCES, Age: blind })).rejects.toThrow(/no metric of this name/);
    const body = (metrics: readonly unknown[]) =>
      JSON.stringify({ widgets: [{ type: "metric", properties: { metrics } }] });
    const dashboard = (metrics: readonly unknown[]) => ({
      Type: "AWS::CloudWatch::Dashboard",
      Properties: { DashboardName: "d", DashboardBody: body(metrics) },
    });
    const rows = [["AWS/SQS", "ApproximateNumberOfMessages", "QueueName", "letters"]];
    await expect(refused({ ...RESOURCES, Dashboard: dashboard(rows) })).rejects.toThrow(
      /no metric of this name/,
    );
  });
});
