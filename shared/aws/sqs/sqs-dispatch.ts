import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Digest } from "#ports/secrets.ts";
import type { Dispatch } from "#ports/queues.ts";
import { addressOf } from "#runtime/agents/task-address.ts";
import { agentQueueSuffix } from "../names.ts";
import { sendMessages, type SendMessages } from "./sqs-send.ts";

export interface SqsOptions {
  readonly client: SQSClient;
  /** What all queue URLs start with. */
  readonly queuePrefix: string;
  readonly digest: Digest;
  /** @default each call is a request of its own */
  readonly send?: SendMessages;
  /** How many tasks of a tenant an agent's queue has in flight at most. @default any number */
  readonly tenantInFlight?: number | undefined;
}

export const sendOf = ({ client, send }: Pick<SqsOptions, "client" | "send">): SendMessages =>
  send ?? ((messages) => sendMessages(client, messages));

/** Dispatch over the agents' FIFO queues. */
export function createSqsDispatch(options: SqsOptions): Dispatch {
  const { queuePrefix } = options;
  const send = sendOf(options);
  return {
    send: (tasks) =>
      send(
        tasks.map((task) => {
          const { agent, lane, groupId, deduplicationId } = addressOf(task, options);
          return {
            queueUrl: queuePrefix + agentQueueSuffix(agent, lane),
            body: JSON.stringify(task),
            groupId,
            deduplicationId,
            traceparent: task.traceparent,
          };
        }),
      ),
  };
}
