import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { beforeEach, describe, expect, it } from "vitest";
import { createListener } from "../../scripts/verify-deployed/listener.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";

const sqs = mockedClient(SQSClient);
const events = mockedClient(EventBridgeClient);
const QUEUE = "arn:aws:sqs:eu-west-1:111122223333:spine-verify-1";
const RULE = "arn:aws:events:eu-west-1:111122223333:rule/spine-out/spine-verify-1";
const QueueUrl = "https://sqs.eu-west-1.amazonaws.com/111122223333/spine-verify-1";
const names = { prefix: "spine", name: "spine-verify-1" };
const OF_RULE = { Name: "spine-verify-1", EventBusName: "spine-out" };
const open = () => createListener({ sqs: new SQSClient({}), events: new EventBridgeClient({}) }, names);

describe("a listener to a deployed spine's publications", () => {
  beforeEach(() => {
    sqs.reset();
    events.reset();
    sqs.on(CreateQueueCommand).resolves({ QueueUrl });
    sqs.on(GetQueueAttributesCommand).resolves({ Attributes: { QueueArn: QUEUE } });
    events.on(PutRuleCommand).resolves({ RuleArn: RULE });
  });

  it("is a queue that only a rule of spine-out may fill", async () => {
    expect(await open()).toMatchObject({ queueUrl: QueueUrl });
    expect(inputsOf(events)).toEqual([
      { ...OF_RULE, EventPattern: '{"detail-type":["SessionAdvanced"]}' },
      { Rule: "spine-verify-1", EventBusName: "spine-out", Targets: [{ Id: "queue", Arn: QUEUE }] },
    ]);
    const [set] = sqs.commandCalls(SetQueueAttributesCommand);
    expect(JSON.parse(set?.args[0].input.Attributes?.["Policy"] ?? "")).toMatchObject({
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: QUEUE,
          Condition: { ArnEquals: { "aws:SourceArn": RULE } },
        },
      ],
    });
  });

  it("removes everything it created, target and rule before the queue", async () => {
    const { close } = await open();
    await close();
    expect(events.commandCalls(RemoveTargetsCommand)).toHaveLength(1);
    expect(inputsOf(events).slice(2)).toEqual([
      { Rule: "spine-verify-1", EventBusName: "spine-out", Ids: ["queue"] },
      OF_RULE,
    ]);
    expect(inputsOf(sqs).at(-1)).toEqual({ QueueUrl });
    expect(sqs.commandCalls(DeleteQueueCommand)).toHaveLength(1);
    await close();
    expect(events.commandCalls(DeleteRuleCommand)).toHaveLength(1);
  });

  it("leaves nothing behind when the rule cannot be created, and reports the reason", async () => {
    events.on(PutRuleCommand).rejects(awsError("AccessDeniedException", "You may not."));
    await expect(open()).rejects.toThrow("You may not.");
    expect(sqs.commandCalls(DeleteQueueCommand)).toHaveLength(1);
    expect(events.commandCalls(PutTargetsCommand)).toHaveLength(0);
  });
});
