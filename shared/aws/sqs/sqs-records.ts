import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import type { SpanStart } from "#ports/tracer.ts";
import type { QueuedMessage } from "#runtime/doors/create-coordinator.ts";
import { readTrace, type Trace } from "../observe/trace.ts";

/** The partial batch response: these messages come again, all others are done. */
export const batchResponse = (failed: readonly string[]): SQSBatchResponse => ({
  batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })),
});

export function toMessage({ messageId: id, body, attributes, messageAttributes }: SQSRecord): QueuedMessage {
  const redrive = messageAttributes["redrive"]?.stringValue;
  const receives = Number(attributes.ApproximateReceiveCount);
  const sentAt = Number(attributes.SentTimestamp);
  return {
    id,
    body,
    receives,
    ...(Number.isFinite(sentAt) && { sentAt }),
    ...(redrive !== undefined && { redrive }),
  };
}

/** A batch as a span: in the trace of its messages if they have one in common, and else linked to each of theirs. */
export function batchSpan(
  name: string,
  records: readonly SQSRecord[],
): { readonly given: Trace; readonly span: SpanStart } {
  const parents = records.flatMap(
    ({ messageAttributes }) =>
      readTrace({ traceparent: messageAttributes?.["traceparent"]?.stringValue }).traceparent ?? [],
  );
  const [first] = parents;
  const inOne = new Set(parents.map((parent) => parent.split("-")[1])).size === 1;
  const attributes = {
    "messaging.system": "aws_sqs",
    "messaging.operation.type": "process",
    "messaging.batch.message_count": records.length,
  };
  const span = { name, kind: "consumer", attributes, links: inOne ? [] : [...new Set(parents)] } as const;
  return { given: inOne && first !== undefined ? { traceparent: first } : {}, span };
}

/** Name of the queue that a record came from. */
export const queueOf = ({ eventSourceARN }: SQSRecord): string =>
  eventSourceARN.slice(eventSourceARN.lastIndexOf(":") + 1);
