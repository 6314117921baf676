import { ChangeMessageVisibilityBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** A message that a queue gave out, and for how long it is to stay hidden from now on. */
export interface HiddenMessage {
  readonly handle: string;
  readonly seconds: number;
}

/**
 * Changes for how long messages of one queue are hidden, ten at the most (`MAX_BATCH_MESSAGES`). The queue is named by what stands behind
 * the account in the prefix of all queue URLs; answers name messages by their places, as texts.
 */
export function changeVisibility(
  client: SQSClient,
  queuePrefix: string,
  name: string,
  messages: readonly HiddenMessage[],
) {
  return client.send(
    new ChangeMessageVisibilityBatchCommand({
      QueueUrl: `${queuePrefix.slice(0, queuePrefix.lastIndexOf("/") + 1)}${name}`,
      Entries: messages.map(({ handle, seconds }, at) => ({
        Id: String(at),
        ReceiptHandle: handle,
        VisibilityTimeout: seconds,
      })),
    }),
  );
}
