import { Duration, Stack, type App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { EventSpine } from "../../infra/constructs/event-spine.ts";
import { SpineSchedule, type SpineScheduleProps } from "../../infra/constructs/spine-schedule.ts";
import { newApp, templateOf, type TemplateJson } from "./fixture.ts";
import { all } from "./resources.ts";

function scheduled(props: Partial<SpineScheduleProps> = {}): TemplateJson {
  const stack = new Stack(newApp(), "Test");
  const spine = EventSpine.fromName(stack, "Spine", "shop");
  new SpineSchedule(stack, "Nightly", {
    spine,
    name: "nightly",
    expression: "cron(0 2 * * ? *)",
    session: "report-<aws.scheduler.scheduled-time>",
    type: "ReportAsked",
    ...props,
  });
  // The root of a construct tree is its app.
  return templateOf(stack.node.root as App, "Test");
}
const scheduleIn = (template: TemplateJson) => all(template, "AWS::Scheduler::Schedule")[0];

describe("a schedule", () => {
  test("puts one event per planned time on spine-in, under an id that stays the same at every try", () => {
    const schedule = scheduleIn(scheduled({ timeZone: "Europe/Berlin", data: { kind: "short" } }));
    expect(schedule).toMatchObject({
      Name: "shop-schedule-nightly",
      ScheduleExpression: "cron(0 2 * * ? *)",
      ScheduleExpressionTimezone: "Europe/Berlin",
      FlexibleTimeWindow: { Mode: "OFF" },
      State: "ENABLED",
      Target: { EventBridgeParameters: { Source: "event-spine.schedule", DetailType: "ReportAsked" } },
    });
    const { Input } = schedule?.["Target"] as { readonly Input: string };
    expect(JSON.parse(Input)).toEqual({
      session: "report-<aws.scheduler.scheduled-time>",
      id: "<aws.scheduler.schedule-arn>/<aws.scheduler.scheduled-time>",
      data: { kind: "short" },
    });
    expect(JSON.stringify(schedule)).toContain("event-bus/shop-in");
  });

  test("has a window and can be switched off", () => {
    expect(scheduleIn(scheduled({ window: Duration.minutes(15), enabled: false }))).toMatchObject({
      FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 15 },
      State: "DISABLED",
    });
  });

  test("has a role that Scheduler may assume for this account, with its source and its queue and nothing else", () => {
    const template = scheduled({ source: "com.example.reports" });
    const [role] = all(template, "AWS::IAM::Role");
    expect(role?.["AssumeRolePolicyDocument"]).toMatchObject({
      Statement: [
        {
          Principal: { Service: "scheduler.amazonaws.com" },
          Condition: { StringEquals: { "aws:SourceAccount": "accountid" } },
        },
      ],
    });
    const [policy] = all(template, "AWS::IAM::Policy");
    expect(policy?.["PolicyDocument"]).toMatchObject({
      Statement: [
        {
          Action: "events:PutEvents",
          Condition: { StringEquals: { "events:source": "com.example.reports" } },
        },
        { Action: "sqs:SendMessage" },
      ],
    });
  });

  test("rings when the bus did not take an event", () => {
    const template = scheduled();
    expect(all(template, "AWS::SQS::Queue")).toMatchObject([{ QueueName: "shop-schedule-nightly-dead" }]);
    expect(all(template, "AWS::CloudWatch::Alarm")).toMatchObject([
      { AlarmName: "shop-schedule-nightly-missed", Threshold: 1 },
    ]);
  });

  test.each<readonly [Partial<SpineScheduleProps>, RegExp]>([
    [{ expression: "cron(0 2 * * *)" }, /Write six fields/],
    [{ expression: "every night" }, /Write rate\(1 hour\)/],
    [{ timeZone: "Berlin" }, /Berlin is not a time zone/],
    [{ timeZone: "+02:00" }, /\+02:00 is not a time zone/],
    [{ session: "a b" }, /session: "a b" does not match/],
    [{ session: "x-<aws.scheduler.execution-id>" }, /does not match/],
    [{ name: "Nightly" }, /name "Nightly" is invalid/],
    [{ source: "aws.events" }, /is AWS's own/],
  ])("is refused with %j", (props, error) => {
    expect(() => scheduled(props)).toThrow(error);
  });
});
