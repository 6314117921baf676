import {
  SendMessageBatchCommand,
  type MessageAttributeValue,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { messageOf, SpineError } from "#core/errors.ts";
import { grouped } from "#core/grouped.ts";
import { utf8Length } from "#core/json.ts";
import { packed } from "../pack-requests.ts";
import { MAX_BATCH_MESSAGES, MAX_MESSAGES_BYTES } from "../service-limits.ts";

export interface OutgoingMessage {
  readonly queueUrl: string;
  readonly body: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly delaySeconds?: number;
  readonly traceparent?: string | undefined;
  /** Why it is sent to dead letters. */
  readonly cause?: string;
  /** Names the redrive by which it comes once more. */
  readonly redrive?: string;
}

/** Attributes are texts: each takes room for its name, its type and its value. */
const attributesOf = ({
  traceparent,
  cause,
  redrive,
}: OutgoingMessage): readonly (readonly [string, string])[] =>
  Object.entries({ traceparent, cause, redrive }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
const TYPE = "String";

/** A message that was not sent. */
export interface FailedMessage {
  readonly message: OutgoingMessage;
  readonly reason: string;
  /** The message itself is unusable: sending it again would fail again. */
  readonly senderFault: boolean;
}

/** Sends messages, all of them or as many as can be; what failed is one SpineError `queue.rejected`. */
export type SendMessages = (messages: readonly OutgoingMessage[]) => Promise<void>;

/**
 * Sends messages to their queues in as few requests as their number and bytes allow, in order within a queue. An entry
 * that SQS refuses is sent once more; what then failed is one SpineError `queue.rejected`, after all others were tried.
 */
export async function sendMessages(client: SQSClient, messages: readonly OutgoingMessage[]): Promise<void> {
  refuse(await trySendMessages(client, messages), messages.length);
}

/** As `sendMessages`, but gives back what failed. */
export async function trySendMessages(
  client: SQSClient,
  messages: readonly OutgoingMessage[],
): Promise<readonly FailedMessage[]> {
  return (
    await Promise.all(
      [...grouped(messages, ({ queueUrl }) => queueUrl).values()].map((queue) => sendToQueue(client, queue)),
    )
  ).flat();
}

/** Throws what failed of so many messages, if anything did. */
export function refuse(failed: readonly FailedMessage[], of: number): void {
  const [first] = failed;
  if (first === undefined) return;
  throw new SpineError(
    "queue.rejected",
    `${failed.length} of ${of} messages were not sent; ${queueName(first.message)}: ${first.reason}`,
    { retryable: failed.some(({ senderFault }) => !senderFault), details: { failed: failed.length } },
  );
}

async function sendToQueue(
  client: SQSClient,
  messages: readonly OutgoingMessage[],
): Promise<readonly FailedMessage[]> {
  const twice = async (batch: readonly OutgoingMessage[]): Promise<readonly FailedMessage[]> => {
    const first = await sendBatch(client, batch);
    const again = first.filter(({ senderFault }) => !senderFault).map(({ message }) => message);
    const forGood = first.filter(({ senderFault }) => senderFault);
    return again.length > 0 ? [...forGood, ...(await sendBatch(client, again))] : forGood;
  };
  const batches = batchesOf(messages);
  if (!sharesGroups(messages)) return (await Promise.all(batches.map(twice))).flat();
  const failed: FailedMessage[] = [];
  for (const batch of batches) failed.push(...(await twice(batch)));
  return failed;
}

/** Whether messages of one group are among them, whose order their batches must keep. */
function sharesGroups(messages: readonly OutgoingMessage[]): boolean {
  const groups = messages.flatMap(({ groupId }) => (groupId === undefined ? [] : [groupId]));
  return new Set(groups).size < groups.length;
}

/** What SQS takes in one request. */
const ROOM = { items: MAX_BATCH_MESSAGES, bytes: MAX_MESSAGES_BYTES };

/** The requests that a queue's messages go in. */
export const batchesOf = (messages: readonly OutgoingMessage[]): readonly (readonly OutgoingMessage[])[] =>
  packed(messages, sizeOf, ROOM);

const sizeOf = (message: OutgoingMessage): number =>
  attributesOf(message).reduce(
    (sum, [name, value]) => sum + name.length + TYPE.length + utf8Length(value),
    utf8Length(message.body),
  );

async function sendBatch(
  client: SQSClient,
  batch: readonly OutgoingMessage[],
): Promise<readonly FailedMessage[]> {
  const [{ queueUrl } = { queueUrl: "" }] = batch;
  try {
    const { Failed: refused = [] } = await client.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: batch.map(toEntry) }),
    );
    return refused.flatMap(({ Id, Code = "", Message = "", SenderFault = false }) => {
      const message = batch[Number(Id)];
      return message === undefined
        ? []
        : [{ message, reason: `${Code} ${Message}`.trim(), senderFault: SenderFault }];
    });
  } catch (error) {
    // The client has tried several times; whether some of it arrived is unknown, and sending again is harmless.
    return batch.map((message) => ({ message, reason: messageOf(error), senderFault: false }));
  }
}

function toEntry(message: OutgoingMessage, index: number): SendMessageBatchRequestEntry {
  const { body, groupId, deduplicationId, delaySeconds } = message;
  const attributes = attributesOf(message);
  return {
    Id: String(index),
    MessageBody: body,
    ...(groupId !== undefined && { MessageGroupId: groupId }),
    ...(deduplicationId !== undefined && { MessageDeduplicationId: deduplicationId }),
    ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
    ...(attributes.length > 0 && {
      MessageAttributes: Object.fromEntries(attributes.map(([name, value]) => [name, textAttribute(value)])),
    }),
  };
}

const textAttribute = (text: string): MessageAttributeValue => ({ DataType: TYPE, StringValue: text });

const queueName = ({ queueUrl }: OutgoingMessage): string => queueUrl.slice(queueUrl.lastIndexOf("/") + 1);
