import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Clock } from "#ports/clock.ts";
import type { Deadlines } from "#ports/deadlines.ts";
import { QueueSuffix } from "./names.ts";
import { sendMessages } from "./sqs-send.ts";

export interface SqsDeadlinesOptions {
  readonly client: SQSClient;
  readonly queuePrefix: string;
  readonly clock: Pick<Clock, "now">;
}

/** SQS delays a message by this at most; a later deadline is armed again when its message arrives. */
const MAX_DELAY_SECONDS = 900;

/** Deadlines on a standard queue: FIFO queues delay no single message. */
export function createSqsDeadlines({ client, queuePrefix, clock }: SqsDeadlinesOptions): Deadlines {
  return {
    arm: ({ tenant, session }, at) => {
      // Whole seconds, rounded up: one that comes early would have to be armed again.
      const seconds = Math.ceil((at - clock.now()) / 1_000);
      return sendMessages(client, [
        {
          queueUrl: queuePrefix + QueueSuffix.deadlines,
          body: JSON.stringify({ tenant, session, at }),
          delaySeconds: Math.min(MAX_DELAY_SECONDS, Math.max(0, seconds)),
        },
      ]);
    },
  };
}
