import { Aws } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { QueueSuffix } from "#aws/names.ts";
import { SpineStateMachine, type Definition } from "./spine-state-machine.ts";
import type { SpineNames } from "./spine.ts";

/** Deadlines further ahead than a queue's longest delay: each is one execution that waits, then sends. */
export class FarDeadlines extends SpineStateMachine {
  constructor(scope: Construct, id: string, { names }: { readonly names: SpineNames }) {
    super(scope, id, {
      definition: farDeadlines(names.queueUrlPrefix + QueueSuffix.deadlines),
      right: { action: "sqs:SendMessage", resource: names.queueArn(QueueSuffix.deadlines) },
    });
  }
}

const farDeadlines = (queueUrl: string): Definition => ({
  Comment: "Waits until a deadline and sends it to the deadlines queue.",
  StartAt: "Wait",
  States: {
    Wait: { Type: "Wait", TimestampPath: "$.until", Next: "Send" },
    Send: {
      Type: "Task",
      Resource: `arn:${Aws.PARTITION}:states:::sqs:sendMessage`,
      Parameters: { QueueUrl: queueUrl, "MessageBody.$": "$.body" },
      TimeoutSeconds: 30,
      // From 2 s to a quarter of an hour apart: a day in all.
      Retry: [
        {
          ErrorEquals: ["States.ALL"],
          IntervalSeconds: 2,
          BackoffRate: 2,
          MaxDelaySeconds: 900,
          MaxAttempts: 104,
          JitterStrategy: "FULL",
        },
      ],
      End: true,
    },
  },
});
