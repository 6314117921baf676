import { describe, expect, test } from "vitest";
import type { Deployment } from "../../infra/settings/deployment.ts";
import { addStacks } from "../../infra/stacks/spine-app.ts";
import { newApp, templatesOf, type TemplateJson } from "./fixture.ts";
import { readable } from "./intrinsics.ts";
import { all, resourcesOf } from "./resources.ts";

const ON_CALL = "arn:aws:sns:eu-west-1:111122223333:on-call";

function stacksOf(deployment: Partial<Deployment>): readonly TemplateJson[] {
  const app = newApp();
  addStacks(app, { prefix: "shop", mirror: true, questions: {}, retention: { "*": "P90D" }, ...deployment });
  return Object.values(templatesOf(app));
}

const actionsIn = (template: TemplateJson): readonly string[] => [
  ...new Set(
    resourcesOf(template, "AWS::CloudWatch::Alarm").flatMap(
      ({ Properties }) => readable(template, Properties?.["AlarmActions"]) as readonly string[],
    ),
  ),
];

describe("the receivers of alarms", () => {
  test("include the spine's topic, which an agent's own stack finds by its name", () => {
    const [spine, agent] = stacksOf({}).map(actionsIn);
    expect(spine).toEqual(["topic"]);
    expect(agent).toEqual(["arn:partition:sns:region:accountid:shop-alarms"]);
  });

  test("include the e-mail addresses of the deployment, through the spine's topic", () => {
    const subscribed = stacksOf({ alarmEmails: ["ops@example.com", "lead@example.com"] }).flatMap(
      (template) => all(template, "AWS::SNS::Subscription"),
    );
    expect(subscribed).toEqual([
      { Protocol: "email", Endpoint: "ops@example.com", TopicArn: "topic" },
      { Protocol: "email", Endpoint: "lead@example.com", TopicArn: "topic" },
    ]);
  });

  test("are an existing topic when the deployment names one, for each alarm of each stack", () => {
    const stacks = stacksOf({ alarmTopicArn: ON_CALL });
    expect(stacks.map(actionsIn)).toEqual([[ON_CALL], [ON_CALL]]);
  });
});
