import { sessionKeyText } from "#core/ids.ts";
import type { Ids } from "#ports/clock.ts";
import type { AnswerQueue } from "#ports/queues.ts";
import { QueueSuffix } from "../names.ts";
import type { SqsOptions } from "./sqs-dispatch.ts";
import { sendMessages } from "./sqs-send.ts";
import { currentTrace } from "../observe/trace.ts";

export interface SqsAnswersOptions extends SqsOptions {
  /**
   * Makes a new deduplication id for every message, so that one whose first message was given up is delivered within the
   * queue's window too. @default an answer is delivered once within five minutes
   */
  readonly again?: Ids;
}

/** The answers queue: FIFO, grouped by session. */
export function createSqsAnswerQueue({ client, queuePrefix, digest, again }: SqsAnswersOptions): AnswerQueue {
  return {
    send: (answer) => {
      const body = JSON.stringify(answer);
      return sendMessages(client, [
        {
          queueUrl: queuePrefix + QueueSuffix.answers,
          body,
          groupId: digest.sha256(sessionKeyText(answer)),
          deduplicationId: again?.next() ?? digest.sha256(body),
          traceparent: currentTrace().traceparent,
        },
      ]);
    },
  };
}
