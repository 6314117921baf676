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

describe("a metric that something looks at", () => {
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
    ["AWS/SQS ApproximateAgeOfOldestMessage", { Queue: "q" }, /it goes by QueueName/],
    ["AWS/SQS ApproximateAgeOfOldestMessage", { QueueName: "other" }, /none of that name/],
    ["AWS/SQS ApproximateAgeOfOldestMessage", {}, /it goes by QueueName/],
    ["AWS/Lambda IteratorAge", { FunctionName: "spine-coordinator" }, /none of that name/],
    ["AWS/Lambda Url5xxCount", { FunctionName: "spine-coordinator" }, /none of that name/],
    // DynamoDB writes throttled requests by table and operation, and by nothing less.
    ["AWS/DynamoDB ThrottledRequests", { TableName: "t" }, /it goes by TableName and Operation/],
    ["AWS/DynamoDB WriteThrottleEvents", { TableName: "t", Operation: "PutItem" }, /it goes by TableName/],
    // A rule on a bus of its own has no metrics by rule alone, and one of the default bus none by bus.
    ["AWS/Events FailedInvocations", { RuleName: "r" }, /none of that name/],
    ["AWS/Events FailedInvocations", { EventBusName: "default", RuleName: "schedule" }, /none of that name/],
    ["AWS/ApiGateway 5XXError", { ApiName: "a" }, /no metrics of this namespace/],
    ["EventSpine Parked", { spine: "spine" }, /no function counts it/],
    ["EventSpine ParkedLetters", { service: "spine-recovery" }, /it goes by spine/],
    ["EventSpine ParkedLetters", { spine: "shop" }, /no spine is named so/],
    ["EventSpine AgentLetters", { spine: "spine", agent: "nobody" }, /no agent is named so/],
    ["EventSpine Commits", { service: "spine-door" }, /no function is named so/],
  ])("is refused: %s %j", (metric, dimensions, problem) => {
    expect(() => check(metric, dimensions)).toThrow(problem);
  });
});

describe("a row of a dashboard", () => {
  it("takes what stands above for its dots", () => {
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

  it("that is an expression is refused", () => {
    expect(() => metricsIn([[{ expression: "m1 + m2" }]], "a widget")).toThrow(/is not understood/);
  });
});
