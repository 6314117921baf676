import { Stack, type App } from "aws-cdk-lib";
import * as secrets from "aws-cdk-lib/aws-secretsmanager";
import { describe, expect, test } from "vitest";
import { EventSpine } from "../../infra/constructs/event-spine.ts";
import {
  QuestionNotifications,
  type QuestionNotificationsProps,
} from "../../infra/constructs/question-notifications.ts";
import { newApp, templateOf, type TemplateJson } from "./fixture.ts";
import { all } from "./resources.ts";
import { rightsOf } from "./rights.ts";

const ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:webhook-AbCdEf";

/** Beside a spine of another stack, so that nothing but what it makes is in the template. */
function told(
  propsOf: (stack: Stack) => Partial<QuestionNotificationsProps> = () => ({}),
): readonly [TemplateJson, QuestionNotifications] {
  const stack = new Stack(newApp(), "Test");
  const spine = EventSpine.fromName(stack, "Spine", "shop");
  const made = new QuestionNotifications(stack, "Questions", { spine, ...propsOf(stack) });
  // The root of a construct tree is its app.
  return [templateOf(stack.node.root as App, "Test"), made];
}
const webhookIn = (stack: Stack) =>
  secrets.Secret.fromSecretCompleteArn(stack, "Webhook", ARN) as secrets.ISecret; // but for optional fields it is one

const variablesOf = (template: TemplateJson): unknown =>
  (all(template, "AWS::Lambda::Function")[0]?.["Environment"] as { readonly Variables?: unknown } | undefined)
    ?.Variables;
const beyondQueueAndLog = (template: TemplateJson) =>
  (rightsOf(template)["shop-questions"] ?? []).filter((right) => !/^(?:logs|sqs):/.test(right));

describe("notices of questions", () => {
  test("follow a rule for commits that ask a person, on spine-out", () => {
    const [rule] = all(told()[0], "AWS::Events::Rule");
    expect(rule).toMatchObject({
      Name: "shop-questions",
      EventBusName: "shop-out",
      EventPattern: {
        source: ["event-spine"],
        "detail-type": ["SessionAdvanced"],
        detail: { types: ["HumanAsked"] },
      },
      State: "ENABLED",
    });
    expect(JSON.stringify(rule)).toContain('"DeadLetterConfig"');
  });

  test("have a queue of their own, which gives up after five receives and rings", () => {
    const [template] = told();
    const names = all(template, "AWS::SQS::Queue").map(({ QueueName }) => QueueName);
    expect(names.toSorted()).toEqual(["shop-questions", "shop-questions-dead"]);
    const queue = all(template, "AWS::SQS::Queue").find(({ QueueName }) => QueueName === "shop-questions");
    expect(queue).toMatchObject({ RedrivePolicy: { maxReceiveCount: 5 } });
    expect(all(template, "AWS::CloudWatch::Alarm").map(({ AlarmName }) => AlarmName)).toEqual([
      "shop-questions-letters",
    ]);
  });

  test("go to a topic that is encrypted and closed to plain HTTP, with the right to publish there alone", () => {
    const [template, { topic }] = told();
    expect(topic).toBeDefined();
    expect(all(template, "AWS::SNS::Topic")).toMatchObject([
      { TopicName: "shop-questions", KmsMasterKeyId: "alias/aws/sns" },
    ]);
    expect(JSON.stringify(all(template, "AWS::SNS::TopicPolicy"))).toContain('"aws:SecureTransport":"false"');
    expect(beyondQueueAndLog(template)).toEqual(["sns:Publish topic"]);
  });

  test("go to a webhook instead, with the right to read its secret alone", () => {
    const [template, { topic }] = told((stack) => ({ topic: false, webhook: webhookIn(stack) }));
    expect(topic).toBeUndefined();
    expect(all(template, "AWS::SNS::Topic")).toEqual([]);
    expect(beyondQueueAndLog(template)).toEqual([`secretsmanager:GetSecretValue ${ARN}`]);
    expect(variablesOf(template)).toEqual({ WEBHOOK_SECRET_ARN: ARN });
  });

  test("may read a secret of which only the name is known, by a pattern of six characters", () => {
    const [template] = told((stack) => ({
      topic: false,
      webhook: secrets.Secret.fromSecretNameV2(stack, "Webhook", "hook") as secrets.ISecret, // as above
    }));
    expect(beyondQueueAndLog(template)).toEqual(["secretsmanager:GetSecretValue secret:hook-??????"]);
  });

  test("have a link, and the question only where that is said", () => {
    const link = "https://care.example.com/{session}/{ask}";
    expect(variablesOf(told(() => ({ link }))[0])).toMatchObject({ NOTICE_LINK: link });
    expect(variablesOf(told(() => ({ link }))[0])).not.toHaveProperty("NOTICE_QUESTION");
    expect(variablesOf(told(() => ({ withQuestion: true }))[0])).toMatchObject({ NOTICE_QUESTION: "on" });
  });

  test("to nobody are an error", () => {
    expect(() => told(() => ({ topic: false }))).toThrow(
      "Test/Questions tells nobody. Give it a topic or a webhook.",
    );
  });
});
