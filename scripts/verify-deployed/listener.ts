import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import {
  DeleteRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { SESSION_ADVANCED, spineOutName } from "#aws/names.ts";

/** A queue that gets what spine-out publishes. */
export interface Listener {
  readonly queueUrl: string;
  /** Takes away what was made for it. */
  close(): Promise<void>;
}

const KEPT_SECONDS = "3600";
const TARGET = "queue";

/** Makes a queue and a rule of spine-out that fills it, both called `name`. Whatever was made goes when the rest cannot be. */
export async function createListener(
  { sqs, events }: { readonly sqs: SQSClient; readonly events: EventBridgeClient },
  { prefix, name }: { readonly prefix: string; readonly name: string },
): Promise<Listener> {
  const EventBusName = spineOutName(prefix);
  const { QueueUrl = "" } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: { MessageRetentionPeriod: KEPT_SECONDS } }),
  );
  const undo: (() => Promise<unknown>)[] = [() => sqs.send(new DeleteQueueCommand({ QueueUrl }))];
  const close = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const { Attributes: { QueueArn = "" } = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
    );
    const EventPattern = JSON.stringify({ "detail-type": [SESSION_ADVANCED] });
    const { RuleArn = "" } = await events.send(
      new PutRuleCommand({ Name: name, EventBusName, EventPattern }),
    );
    undo.push(() => events.send(new DeleteRuleCommand({ Name: name, EventBusName })));
    const Policy = policy(QueueArn, RuleArn);
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    await events.send(
      new PutTargetsCommand({ Rule: name, EventBusName, Targets: [{ Id: TARGET, Arn: QueueArn }] }),
    );
    undo.push(() => events.send(new RemoveTargetsCommand({ Rule: name, EventBusName, Ids: [TARGET] })));
  } catch (error) {
    await close();
    throw error;
  }
  return { queueUrl: QueueUrl, close };
}

const policy = (queue: string, rule: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queue,
        Condition: { ArnEquals: { "aws:SourceArn": rule } },
      },
    ],
  });
