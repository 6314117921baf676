import { sessionKeyText } from "#core/ids.ts";
import type { AnswerQueue } from "#ports/inbox.ts";
import { QueueSuffix } from "./names.ts";
import type { SqsOptions } from "./sqs-dispatch.ts";
import { sendMessages } from "./sqs-send.ts";
import { currentTrace } from "./trace.ts";

/** The answers queue: FIFO, grouped by session. */
export function createSqsAnswerQueue({ client, queuePrefix, digest }: SqsOptions): AnswerQueue {
  return {
    send: (answer) => {
      const body = JSON.stringify(answer);
      return sendMessages(client, [
        {
          queueUrl: queuePrefix + QueueSuffix.answers,
          body,
          groupId: digest.sha256(sessionKeyText(answer)),
          deduplicationId: digest.sha256(body),
          traceparent: currentTrace().traceparent,
        },
      ]);
    },
  };
}
