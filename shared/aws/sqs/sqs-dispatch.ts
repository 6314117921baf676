import type { SQSClient } from "@aws-sdk/client-sqs";
import type { TaskMessage } from "#core/session/task-messages.ts";
import type { Digest } from "#ports/secrets.ts";
import type { Dispatch } from "#ports/queues.ts";
import { agentQueueSuffix } from "../names.ts";
import { sendMessages, type SendMessages } from "./sqs-send.ts";

export interface SqsOptions {
  readonly client: SQSClient;
  /** What all queue URLs start with. */
  readonly queuePrefix: string;
  readonly digest: Digest;
  /** @default each call is a request of its own */
  readonly send?: SendMessages;
}

export const sendOf = ({ client, send }: Pick<SqsOptions, "client" | "send">): SendMessages =>
  send ?? ((messages) => sendMessages(client, messages));

/** Dispatch over the agents' FIFO queues. */
export function createSqsDispatch(options: SqsOptions): Dispatch {
  const { queuePrefix, digest } = options;
  const send = sendOf(options);
  return {
    send: (tasks) =>
      send(
        tasks.map((task) => {
          const attempt = digest.sha256(attemptText(task));
          return {
            queueUrl: queuePrefix + agentQueueSuffix(task.agent, task.lane),
            body: JSON.stringify(task),
            groupId: attempt,
            deduplicationId: attempt,
            traceparent: task.traceparent,
          };
        }),
      ),
  };
}

const attemptText = ({ tenant, session, task, attempt }: TaskMessage): string =>
  `${tenant}/${session}/${task}/${attempt}`;
