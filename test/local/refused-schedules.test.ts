import { describe, expect, it } from "vitest";
import { getAtt, startCloud, writeAssembly, type Resources } from "./fixture/assembly.ts";

const trust = (Condition?: object, Service = "scheduler.amazonaws.com") => ({
  Version: "2012-10-17",
  Statement: [
    { Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service }, ...(Condition && { Condition }) },
  ],
});
const account = (id: string) => ({ StringEquals: { "aws:SourceAccount": id } });
const TARGET = {
  Arn: getAtt("Bus"),
  RoleArn: getAtt("Role"),
  EventBridgeParameters: { Source: "com.example", DetailType: "Asked" },
  Input: '{"session":"s"}',
};
const schedule = (
  change: object = {},
  target: object = {},
  role = trust(account("000000000000")),
): Resources => ({
  Bus: { Type: "AWS::Events::EventBus", Properties: { Name: "in" } },
  Letters: { Type: "AWS::SQS::Queue", Properties: { QueueName: "letters.fifo", FifoQueue: true } },
  Role: { Type: "AWS::IAM::Role", Properties: { AssumeRolePolicyDocument: role } },
  Schedule: {
    Type: "AWS::Scheduler::Schedule",
    Properties: {
      Name: "nightly",
      ScheduleExpression: "cron(0 2 * * ? *)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { ...TARGET, ...target },
      ...change,
    },
  },
});
const start = (resources: Resources) => startCloud({ templateDir: writeAssembly(resources, {}) });

describe("a schedule of a template", () => {
  it("starts when Scheduler would create it", async () => {
    await expect(start(schedule())).resolves.toBeDefined();
  });

  it.each<readonly [string, Resources, RegExp]>([
    ["an expression", schedule({ ScheduleExpression: "cron(0 2 * * * *)" }), /Write \? for either the day/],
    ["a time zone", schedule({ ScheduleExpressionTimezone: "Middle/Earth" }), /not a time zone/],
    ["an offset for a time zone", schedule({ ScheduleExpressionTimezone: "+02:00" }), /not a time zone/],
    ["no window", schedule({ FlexibleTimeWindow: undefined }), /lacks FlexibleTimeWindow/],
    [
      "a window of two days",
      schedule({ FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 2_880 } }),
      /1 to 1,440 minutes/,
    ],
    [
      "a window that is off, with minutes",
      schedule({ FlexibleTimeWindow: { Mode: "OFF", MaximumWindowInMinutes: 5 } }),
      /1 to 1,440 minutes/,
    ],
    ["a name", schedule({ Name: "a b" }), /AWS does not allow the Name "a b"/],
    [
      "a start date, which is not understood here",
      schedule({ StartDate: "2026-11-30T09:00:00Z" }),
      /has StartDate/,
    ],
    [
      "a target elsewhere",
      schedule({}, { Arn: "arn:aws:events:us-east-1:000000000000:event-bus/other" }),
      /is not a bus of the template/,
    ],
    ["an Input that is no object", schedule({}, { Input: '"hello"' }), /one JSON object/],
    [
      "AWS's own source",
      schedule({}, { EventBridgeParameters: { Source: "aws.s3", DetailType: "d" } }),
      /AWS's own/,
    ],
    [
      "letters in a FIFO queue",
      schedule({}, { DeadLetterConfig: { Arn: getAtt("Letters") } }),
      /not a standard queue/,
    ],
    ["186 tries", schedule({}, { RetryPolicy: { MaximumRetryAttempts: 186 } }), /takes 0 to 185/],
    [
      "a role that Lambda assumes",
      schedule({}, {}, trust(undefined, "lambda.amazonaws.com")),
      /does not let scheduler/,
    ],
    [
      "a role for another account",
      schedule({}, {}, trust(account("111122223333"))),
      /does not let scheduler/,
    ],
  ])("is refused with %s", async (_what, resources, error) => {
    await expect(start(resources)).rejects.toThrow(error);
  });
});
