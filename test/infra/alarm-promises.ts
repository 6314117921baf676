import assert from "node:assert/strict";
import type { TemplateJson } from "./fixture.ts";
import { all, resourcesOf } from "./resources.ts";

type PromiseCheck = (template: TemplateJson) => void;
type Dimensions = Readonly<Record<string, string>>;

const dimensionsOf = (dimensions: Dimensions) =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

/** One metric, as an alarm looks at it. */
const looks = (name: string, dimensions: Dimensions, Statistic = "Sum", more: object = {}) => {
  const [Namespace = "", MetricName = ""] = name.split(" ");
  return {
    Namespace,
    MetricName,
    Dimensions: dimensionsOf(dimensions),
    Statistic,
    Period: 300,
    Threshold: 1,
    EvaluationPeriods: 1,
    ...more,
  };
};

/** An expression over some metrics of one namespace. */
const expression = (
  Expression: string,
  Label: string,
  metrics: Readonly<Record<string, readonly [name: string, dimensions: Dimensions]>>,
  Period: number,
) => [
  { Id: "expr_1", Expression, Label, ReturnData: true },
  ...Object.entries(metrics).map(([Id, [name, dimensions]]) => {
    const [Namespace = "", MetricName = ""] = name.split(" ");
    const Metric = { Namespace, MetricName, Dimensions: dimensionsOf(dimensions) };
    return { Id, MetricStat: { Metric, Period, Stat: "Maximum" }, ReturnData: false };
  }),
];

const ofSpine = (name: string, more: object = {}) =>
  looks(`EventSpine ${name}`, { spine: "spine" }, "Sum", more);
const ofFunction = (metric: string, FunctionName: string, more: object = {}) =>
  looks(`AWS/Lambda ${metric}`, { FunctionName }, "Sum", more);
const age = (QueueName: string, Threshold: number) =>
  looks("AWS/SQS ApproximateAgeOfOldestMessage", { QueueName }, "Maximum", { Threshold });
const held = (QueueName: string) => ({
  Metrics: expression(
    "visible + hidden",
    "messages held",
    {
      visible: ["AWS/SQS ApproximateNumberOfMessagesVisible", { QueueName }],
      hidden: ["AWS/SQS ApproximateNumberOfMessagesNotVisible", { QueueName }],
    },
    60,
  ),
  Threshold: 1,
  EvaluationPeriods: 10,
});
const failed = (machine: string) =>
  looks("AWS/States ExecutionsFailed", { StateMachineArn: `statemachine:${machine}` });
const undelivered = (metric: string) =>
  looks(`AWS/Events ${metric}`, { EventBusName: "spine-in", RuleName: "spine-intake" });

const ofAgent = (agent: string) => ({
  [`agent-${agent}-letters`]: looks("EventSpine AgentLetters", { agent, spine: "spine" }),
  [`agent-${agent}-stuck`]: {
    Metrics: expression(
      "MAX([m1, m2])",
      "oldest dead letter",
      {
        m1: ["AWS/SQS ApproximateAgeOfOldestMessage", { QueueName: `spine-agent-${agent}-dead.fifo` }],
        m2: [
          "AWS/SQS ApproximateAgeOfOldestMessage",
          { QueueName: `spine-agent-${agent}-express-dead.fifo` },
        ],
      },
      300,
    ),
    Threshold: 600,
    EvaluationPeriods: 1,
  },
  [`agent-${agent}-throttled`]: ofFunction("Throttles", `spine-agent-${agent}`),
});

/** The age of a FIFO queue's oldest message counts every message; a standard queue's does not, so those are counted. */
const alarmsOf = (agents: readonly string[]): Readonly<Record<string, object>> => ({
  "parked-letters": ofSpine("ParkedLetters"),
  "lost-letters": ofSpine("LostLetters"),
  "unreadable-sessions": ofSpine("UnreadableSessions"),
  "uncompensated-runs": ofSpine("UncompensatedRuns"),
  "breakers-opened": ofSpine("BreakersOpened"),
  "budget-stops": ofSpine("BudgetStops"),
  "returned-messages": ofSpine("MessagesReturned", { Threshold: 10 }),
  "stuck-inputs": age("spine-inbox-dead.fifo", 600),
  "stuck-answers": age("spine-answers-dead.fifo", 600),
  "stuck-events": held("spine-intake-dead"),
  "stuck-commits": held("spine-relay-retries-dead"),
  "stuck-deadlines": held("spine-deadlines-dead"),
  "made-up-records": ofSpine("MadeUpRecords"),
  "unwatched-letters": failed("SpineRecoveryWatchMachine"),
  "unsent-deadlines": failed("SpineFarDeadlinesMachine"),
  ...Object.fromEntries(
    ["ingress", "intake", "door", "coordinator", "relay", "recovery", "operator", "stream"].flatMap(
      (name) => [
        [`${name}-failed`, ofFunction("Errors", `spine-${name}`, { Threshold: 3 })],
        [`${name}-throttled`, ofFunction("Throttles", `spine-${name}`)],
      ],
    ),
  ),
  "inputs-waiting": age("spine-inbox.fifo", 120),
  "answers-waiting": age("spine-answers.fifo", 120),
  "ingress-5xx": ofFunction("Url5xxCount", "spine-ingress", { Threshold: 5 }),
  "relay-behind": looks("AWS/Lambda IteratorAge", { FunctionName: "spine-relay" }, "Maximum", {
    Threshold: 60_000,
  }),
  "log-reads-throttled": looks("AWS/DynamoDB ReadThrottleEvents", { TableName: "table" }, "Sum", {
    Threshold: 10,
  }),
  "log-writes-throttled": looks("AWS/DynamoDB WriteThrottleEvents", { TableName: "table" }, "Sum", {
    Threshold: 10,
  }),
  "events-undelivered": undelivered("InvocationsSentToDlq"),
  "events-dropped": undelivered("InvocationsFailedToBeSentToDlq"),
  ...Object.assign({}, ...agents.map(ofAgent)),
});

/** Those that a retention brings with it. */
export const RETENTION_ALARMS: Readonly<Record<string, object>> = {
  "retention-failed": ofFunction("Errors", "spine-retention"),
  "retention-throttled": ofFunction("Throttles", "spine-retention"),
  "retention-uncalled": looks("AWS/Events FailedInvocations", { RuleName: "spine-retention" }),
};

/** Every alarm of a template, by its name without the prefix: what it looks at, from where on, and nothing else. */
export function alarmsIn(template: TemplateJson): Readonly<Record<string, unknown>> {
  const found = all(template, "AWS::CloudWatch::Alarm").map((alarm) => {
    const { AlarmName, AlarmDescription, AlarmActions, ComparisonOperator, TreatMissingData, ...rest } =
      alarm;
    assert.match(String(AlarmDescription), /^Event Spine: .*\. See docs\/operations\.md\.$/);
    assert.deepEqual(
      { AlarmActions, ComparisonOperator, TreatMissingData },
      {
        AlarmActions: ["topic"],
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
        // Most of these metrics are written only while there is trouble.
        TreatMissingData: "notBreaching",
      },
    );
    return [String(AlarmName).replace(/^spine-/, ""), rest] as const;
  });
  return Object.fromEntries(found);
}

const topic: PromiseCheck = (template) => {
  const [key, ...others] = resourcesOf(template, "AWS::KMS::Key");
  assert.equal(others.length, 0);
  const { DeletionPolicy, UpdateReplacePolicy } = key ?? {};
  assert.deepEqual(
    { DeletionPolicy, UpdateReplacePolicy },
    { DeletionPolicy: "Delete", UpdateReplacePolicy: "Delete" },
  );
  const cloudwatch = { Effect: "Allow", Principal: { Service: "cloudwatch.amazonaws.com" } };
  assert.deepEqual(all(template, "AWS::KMS::Key"), [
    {
      Description: "Event Spine: encrypts alarm notifications in transit",
      EnableKeyRotation: true,
      PendingWindowInDays: 7,
      KeyPolicy: {
        Version: "2012-10-17",
        Statement: [
          {
            Action: "kms:*",
            Effect: "Allow",
            Principal: { AWS: "arn:partition:iam::accountid:root" },
            Resource: "*",
          },
          {
            ...cloudwatch,
            Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
            Resource: "*",
          },
        ],
      },
    },
  ]);
  assert.deepEqual(all(template, "AWS::SNS::Topic"), [
    { TopicName: "spine-alarms", DisplayName: "Event Spine: alarms of spine", KmsMasterKeyId: "key.Arn" },
  ]);
  assert.deepEqual(all(template, "AWS::SNS::TopicPolicy"), [
    {
      Topics: ["topic"],
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "AllowPublishThroughSSLOnly",
            Action: "sns:Publish",
            Condition: { Bool: { "aws:SecureTransport": "false" } },
            Effect: "Deny",
            Principal: "*",
            Resource: "topic",
          },
          {
            ...cloudwatch,
            Sid: "Alarms",
            Action: "sns:Publish",
            Condition: {
              ArnLike: { "aws:SourceArn": "arn:partition:cloudwatch:region:accountid:alarm:spine-*" },
            },
            Resource: "topic",
          },
        ],
      },
    },
  ]);
};

interface Body {
  readonly start: string;
  readonly widgets: readonly {
    readonly properties: { readonly title: string; readonly alarms?: readonly string[] };
  }[];
}

const dashboard: PromiseCheck = (template) => {
  const [{ DashboardName, DashboardBody, ...rest } = {}, ...others] = all(
    template,
    "AWS::CloudWatch::Dashboard",
  );
  assert.deepEqual([DashboardName, rest, others], ["spine", {}, []]);
  const { start, widgets } = JSON.parse(String(DashboardBody)) as Body;
  assert.equal(start, "-PT3H");
  assert.deepEqual(
    widgets.map(({ properties }) => properties.title),
    [
      "Which alarms ring? (docs/operations.md)",
      "Are callers served?",
      "Do sessions make progress?",
      "What waits, and how long?",
      "How far behind is the relay?",
      "Which agent fails?",
      "Which agent is slow?",
      "What becomes a dead letter?",
      "What goes wrong?",
      "What is throttled?",
      "How much runs at once?",
    ],
  );
  assert.equal(widgets[0]?.properties.alarms?.length, Object.keys(alarmsIn(template)).length);
};

/** What tells an operator. */
export const alarmPromises = (agents: readonly string[]): Readonly<Record<string, PromiseCheck>> => ({
  "alarms look at metrics by the very dimensions under which they are written, and tell the spine's topic": (
    template,
  ) => assert.deepEqual(alarmsIn(template), alarmsOf(agents)),
  "the topic of alarms is encrypted by a key that CloudWatch may use, reached over TLS, and told by alarms of the spine only":
    topic,
  "a dashboard shows what an operator asks first": dashboard,
});
