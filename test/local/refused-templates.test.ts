import { describe, expect, it } from "vitest";
import {
  allow,
  functionResources,
  getAtt,
  startCloud,
  writeAssembly,
  type Resources,
} from "./fixture/assembly.ts";
import { STORES } from "./fixture/stores.ts";

describe("an unsupported template", () => {
  const refused = (resources: Resources, more = {}) =>
    startCloud({ templateDir: writeAssembly(resources, { f: "export const handler = () => null;" }, more) });

  it.each([
    [
      "a type of resource",
      { Bell: { Type: "AWS::Kinesis::Stream" } },
      {},
      /Test\/Bell \(AWS::Kinesis::Stream\)/,
    ],
    [
      "a property",
      { Queue: { Type: "AWS::SQS::Queue", Properties: { Novel: 1 } } },
      {},
      /Test\/Queue \(AWS::SQS::Queue\) has Novel/,
    ],
    [
      "a function",
      { Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: { "Fn::If": [] } } } },
      {},
      /Test\/Queue.*Fn::If/,
    ],
    [
      "a condition",
      { Queue: { Type: "AWS::SQS::Queue", Condition: "OnMonday" } },
      {},
      /Test\/Queue has Condition/,
    ],
    ["a part of the template", STORES, { Mappings: {} }, /Mappings/],
    [
      "a policy's feature",
      functionResources("f", [{ Effect: "Allow", NotAction: "x", Resource: "*" }]),
      {},
      /Test\/fPolicy.*NotAction/,
    ],
    [
      "an environment over 4 KB",
      functionResources("f", [], { Environment: { Variables: { LONG: "x".repeat(4_093) } } }),
      {},
      /Test\/f: its variables have 4097 bytes; Lambda allows 4096/,
    ],
    [
      "a variable that Lambda sets itself",
      functionResources("f", [], { Environment: { Variables: { AWS_REGION: "here" } } }),
      {},
      /Test\/f: Lambda does not allow a variable named AWS_REGION/,
    ],
    [
      "a name that is too long for its service",
      { Bus: { Type: "AWS::Events::EventBus", Properties: { Name: "x".repeat(257) } } },
      {},
      /Test\/Bus: AWS does not allow the Name/,
    ],
    [
      "a reservation that leaves the account too little",
      functionResources("f", [], { ReservedConcurrentExecutions: 901 }),
      {},
      /f: reserving 901 leaves less than 100/,
    ],
    [
      "a reference to nothing",
      { Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: { Ref: "Gone" } } } },
      {},
      /Gone/,
    ],
  ])("is an error that names it: %s", async (_what, resources, more, message) => {
    await expect(refused(resources, more)).rejects.toThrow(message);
  });

  it("includes one whose mapping lacks a right that Lambda requires", async () => {
    const resources = {
      ...functionResources("f", [allow("sqs:ReceiveMessage", getAtt("Queue"))]),
      Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "q" } },
      Mapping: {
        Type: "AWS::Lambda::EventSourceMapping",
        Properties: { EventSourceArn: getAtt("Queue"), FunctionName: { Ref: "f" } },
      },
    };
    const templateDir = writeAssembly(resources, { f: "export const handler = async () => null;" });
    await expect(startCloud({ templateDir })).rejects.toThrow(/Test\/Mapping.*sqs:DeleteMessage/);
  });

  it.each([
    [{ ProvisionedPollerConfig: { MinimumPollers: 1 } }, /Lambda refuses 1 to 200 pollers of a queue/],
    [{ ProvisionedPollerConfig: { MaximumPollers: 2_001 } }, /Lambda refuses 2 to 2001 pollers/],
    [{ ProvisionedPollerConfig: { MinimumPollers: 9, MaximumPollers: 8 } }, /Lambda refuses 9 to 8 pollers/],
    [
      { ProvisionedPollerConfig: {}, ScalingConfig: { MaximumConcurrency: 5 } },
      /refuses MaximumConcurrency beside ProvisionedPollerConfig/,
    ],
    [{ ProvisionedPollerConfig: { PollerGroupName: "g" } }, /Test\/Mapping.*PollerGroupName/],
  ])("includes one whose mapping has pollers that Lambda refuses: %j", async (more, message) => {
    const consume = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
    const resources = {
      ...functionResources("f", [allow(consume, getAtt("Queue"))]),
      Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "q" } },
      Mapping: {
        Type: "AWS::Lambda::EventSourceMapping",
        Properties: { EventSourceArn: getAtt("Queue"), FunctionName: { Ref: "f" }, ...more },
      },
    };
    const templateDir = writeAssembly(resources, { f: "export const handler = async () => null;" });
    await expect(startCloud({ templateDir })).rejects.toThrow(message);
  });
});
