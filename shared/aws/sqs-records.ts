import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import type { QueuedMessage } from "#runtime/create-coordinator.ts";

/** The partial batch response: these messages come again, all others are done. */
export const batchResponse = (failed: readonly string[]): SQSBatchResponse => ({
  batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })),
});

export function toMessage({ messageId: id, body, attributes, messageAttributes }: SQSRecord): QueuedMessage {
  const redrive = messageAttributes["redrive"]?.stringValue;
  const receives = Number(attributes.ApproximateReceiveCount);
  return { id, body, receives, ...(redrive !== undefined && { redrive }) };
}

/** Name of the queue that a record came from. */
export const queueOf = ({ eventSourceARN }: SQSRecord): string =>
  eventSourceARN.slice(eventSourceARN.lastIndexOf(":") + 1);
