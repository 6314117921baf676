import { describe, expect, it } from "vitest";
import { requireKnownMetric, type Named } from "#local/metrics/known-metrics.ts";
import { metricsIn } from "#local/provision/dashboards.ts";

const named: Named = {
  hasQueue: (name) => ["q", "spine-agent-greeter.fifo"].includes(name),
  hasFunction: (name) => ["f", "spine-coordinator"].includes(name),
  readsStream: (name) => name === "f",
  hasUrl: (name) => name === "f",
  hasTable: (name) => name === "t",
  hasMachine: (arn) => arn === "m",
  hasRule: (rule, bus) => (rule === "r" && bus === "b") || (rule === "schedule" && bus === undefined),
};
const check = (metric: string, dimensions: Readonly<Record<string, string>>) => {
  const [namespace = "", name = ""] = metric.split(" ");
  requireKnownMetric({ namespace, name, dimensions }, named, "An alarm");
};

describe("a metric that an alarm or a graph uses", () => {
  it.each([
    ["AWS/SQS ApproximateAgeOfOldestMessage", { QueueName: "q" }],
    ["AWS/Lambda IteratorAge", { FunctionName: "f" }],
    ["AWS/Lambda Url5xxCount", { FunctionName: "f" }],
    ["AWS/DynamoDB WriteThrottleEvents", { TableName: "t" }],
    ["AWS/DynamoDB ThrottledRequests", { TableName: "t", Operation: "PutItem" }],
    ["AWS/States ExecutionsFailed", { StateMachineArn: "m" }],
    ["AWS/Events InvocationsSentToDlq", { EventBusName: "b", RuleName: "r" }],
    ["AWS/Events FailedInvocations", { RuleName: "schedule" }],
    ["EventSpine Commits", { service: "f" }],
    ["EventSpine ParkedLetters", { spine: "spine" }],
    ["EventSpine AgentLetters", { spine: "spine", agent: "greeter" }],
  ])("is known: %s %j", (metric, dimensions) => {
    expect(() => check(metric, dimensions)).not.toThrow();
  });

  it.each([
    ["AWS/SQS ApproximateAge", { QueueName: "q" }, /no metric of this name/],
    ["AWS/SQS ApproximateAgeOfOldestMessage", { Queue: "q" }, /its dimensions are QueueName/],
    ["AWS/SQS ApproximateAgeOfOldestMessage", { QueueName: "other" }, /no such resource/],
    ["AWS/SQS ApproximateAgeOfOldestMessage", {}, /its dimensions are QueueName/],
    ["AWS/Lambda IteratorAge", { FunctionName: "spine-coordinator" }, /no such resource/],
    ["AWS/Lambda Url5xxCount", { FunctionName: "spine-coordinator" }, /no such resource/],
    // DynamoDB writes throttled requests by table and operation, and by nothing less.
    ["AWS/DynamoDB ThrottledRequests", { TableName: "t" }, /its dimensions are TableName and Operation/],
    [
      "AWS/DynamoDB WriteThrottleEvents",
      { TableName: "t", Operation: "PutItem" },
      /its dimensions are TableName/,
    ],
    // A rule on a bus of its own has no metrics by rule alone, and one of the default bus none by bus.
    ["AWS/Events FailedInvocations", { RuleName: "r" }, /no such resource/],
    ["AWS/Events FailedInvocations", { EventBusName: "default", RuleName: "schedule" }, /no such resource/],
    ["AWS/ApiGateway 5XXError", { ApiName: "a" }, /no metrics of this namespace/],
    ["EventSpine Parked", { spine: "spine" }, /no function counts it/],
    ["EventSpine ParkedLetters", { service: "spine-recovery" }, /its dimensions are spine/],
    ["EventSpine ParkedLetters", { spine: "shop" }, /no spine has this name/],
    ["EventSpine AgentLetters", { spine: "spine", agent: "nobody" }, /no agent has this name/],
    ["EventSpine Commits", { service: "spine-door" }, /no function has this name/],
  ])("is rejected: %s %j", (metric, dimensions, problem) => {
    expect(() => check(metric, dimensions)).toThrow(problem);
  });
});

describe("a row of a dashboard", () => {
  it("repeats the row above for its dots", () => {
    const rows = [
      ["AWS/Lambda", "Errors", "FunctionName", "f", { stat: "Sum" }],
      [".", "Throttles", ".", ".", { stat: "Sum" }],
      ["...", "g"],
    ];
    expect(metricsIn(rows, "a widget")).toEqual([
      { namespace: "AWS/Lambda", name: "Errors", dimensions: { FunctionName: "f" } },
      { namespace: "AWS/Lambda", name: "Throttles", dimensions: { FunctionName: "f" } },
      { namespace: "AWS/Lambda", name: "Throttles", dimensions: { FunctionName: "g" } },
    ]);
  });

  it("that is an expression is rejected", () => {
    expect(() => metricsIn([[{ expression: "m1 + m2" }]], "a widget")).toThrow(/is not supported/);
  });
});
