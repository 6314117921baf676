import { describe, expect, it } from "vitest";
import { startCloud, writeAssembly, type Resources } from "./fixture/assembly.ts";

const INVOKE = "arn:aws:states:::lambda:invoke";
const task = (more: object) => ({
  StartAt: "Work",
  States: { Work: { Type: "Task", Resource: INVOKE, Parameters: { FunctionName: "f" }, End: true, ...more } },
});

const ROLE = {
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: {
      Version: "2012-10-17",
      Statement: [
        { Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "states.amazonaws.com" } },
      ],
    },
  },
};
const machine = (definition: object, more: object = {}): Resources => ({
  Role: ROLE,
  Machine: {
    Type: "AWS::StepFunctions::StateMachine",
    Properties: {
      RoleArn: { "Fn::GetAtt": ["Role", "Arn"] },
      DefinitionString: JSON.stringify(definition),
      ...more,
    },
  },
});
const started = (resources: Resources) => startCloud({ templateDir: writeAssembly(resources) });

describe("an unsupported state machine", () => {
  it.each([
    ["JSONata", machine({ ...task({}), QueryLanguage: "JSONata" }), /"JSONata"/],
    ["JSONata in one state", machine(task({ QueryLanguage: "JSONata" })), /Work: "JSONata"/],
    ["a JSONata expression", machine(task({ Parameters: { FunctionName: "{% $f %}" } })), /Work: JSONata/],
    ["variables", machine(task({ Assign: { x: 1 } })), /Work has Assign/],
    ["a task token", machine(task({ Resource: `${INVOKE}.waitForTaskToken` })), /waitForTaskToken/],
    [
      "a task token's path",
      machine(task({ Parameters: { "FunctionName.$": "$$.Task.Token" } })),
      /\$\$\.Task/,
    ],
    ["a heartbeat", machine(task({ HeartbeatSeconds: 5 })), /HeartbeatSeconds/],
    ["another service", machine(task({ Resource: "arn:aws:states:::sns:publish" })), /Work calls .*sns/],
    ["another parameter", machine(task({ Parameters: { FunctionName: "f", Qualifier: "1" } })), /Qualifier/],
    [
      "a map",
      machine({ StartAt: "All", States: { All: { Type: "Map", End: true } } }),
      /All: states of type Map/,
    ],
    [
      "a path of a wait that is more than a field",
      machine({ StartAt: "W", States: { W: { Type: "Wait", SecondsPath: "$.a[0]", End: true } } }),
      /W: the path \$\.a\[0\]/,
    ],
    ["a state that is not there", machine(task({ End: undefined, Next: "Gone" })), /Gone/],
    ["the type EXPRESS", machine(task({}), { StateMachineType: "EXPRESS" }), /EXPRESS/],
    ["a definition elsewhere", machine(task({}), { DefinitionS3Location: {} }), /DefinitionS3Location/],
  ])("is an error that names it: %s", async (_what, resources, message) => {
    const refusal = started(resources).then(() => "", String);
    expect(await refusal).toMatch(/Test\/Machine/);
    expect(await refusal).toMatch(message);
  });

  it("does not include one with substitutions in its definition", async () => {
    const definition = task({ Parameters: { FunctionName: "${Function}" } });
    const cloud = await started(machine(definition, { DefinitionSubstitutions: { Function: "f" } }));
    expect(cloud.environment["AWS_ENDPOINT_URL_SFN"]).toMatch(/^http:/);
  });
});

describe("an alarm", () => {
  const WATCH = {
    Namespace: "AWS/SQS",
    MetricName: "ApproximateNumberOfMessagesVisible",
    Statistic: "Maximum",
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "notBreaching",
    AlarmName: "bell",
    AlarmDescription: "It rings.",
  };
  const alarm = (Dimensions: readonly object[]): Resources => ({
    Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "q" } },
    Bell: { Type: "AWS::CloudWatch::Alarm", Properties: { ...WATCH, Dimensions } },
  });

  it("on a metric that the template lacks is an error that names it", async () => {
    await started(alarm([{ Name: "QueueName", Value: "q" }]));
    await expect(started(alarm([{ Name: "QueueName", Value: "gone" }]))).rejects.toThrow(/Test\/Bell.*gone/);
  });
});
