import { createHash } from "node:crypto";
import type { MessageAttributes, ReceivedMessage, SendInput } from "#memory/queue/message.ts";
import { QueueError } from "#memory/queue/queue-error.ts";

export interface WireAttribute {
  readonly DataType?: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

/** A message as the SQS JSON protocol sends it. */
export interface WireSend {
  readonly MessageBody?: string;
  readonly DelaySeconds?: number;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly MessageAttributes?: Readonly<Record<string, WireAttribute>>;
  readonly MessageSystemAttributes?: Readonly<Record<string, WireAttribute>>;
}

export function sendInputOf(wire: WireSend): SendInput {
  const attributes = attributesOf(wire.MessageAttributes);
  const traceHeader = wire.MessageSystemAttributes?.["AWSTraceHeader"]?.StringValue;
  return {
    body: wire.MessageBody ?? "",
    ...(wire.MessageGroupId !== undefined && { groupId: wire.MessageGroupId }),
    ...(wire.MessageDeduplicationId !== undefined && { deduplicationId: wire.MessageDeduplicationId }),
    ...(wire.DelaySeconds !== undefined && { delayMs: wire.DelaySeconds * 1_000 }),
    ...(attributes !== undefined && { attributes }),
    ...(traceHeader !== undefined && { traceHeader }),
  };
}

function attributesOf(wire: WireSend["MessageAttributes"]): MessageAttributes | undefined {
  if (wire === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(wire).map(([name, { DataType, StringValue, BinaryValue }]) => {
      const value = StringValue ?? BinaryValue;
      if (DataType === undefined || !value) {
        throw new QueueError(
          "InvalidParameterValue",
          `The message attribute "${name}" needs a DataType and a value.`,
        );
      }
      return [name, { dataType: DataType, value }];
    }),
  );
}

export const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

/** The checksum of message attributes, by the rule in SQS's developer guide; undefined where there are none. */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash("md5");
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    const binary = isBinary(attribute.dataType);
    add(Buffer.from(name));
    add(Buffer.from(attribute.dataType));
    hash.update(Buffer.from([binary ? 2 : 1]));
    add(Buffer.from(attribute.value, binary ? "base64" : "utf8"));
  }
  return hash.digest("hex");
}

const isBinary = (dataType: string) => dataType === "Binary" || dataType.startsWith("Binary.");

/** The system attributes that a receiver may ask for, and that Lambda puts into every record. */
export function systemAttributes(
  message: ReceivedMessage,
  arnOf: (queue: string) => string,
): Record<string, string> {
  return {
    SenderId: "local",
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(message.groupId !== undefined && { MessageGroupId: message.groupId }),
    ...(message.deduplicationId !== undefined && { MessageDeduplicationId: message.deduplicationId }),
    ...(message.sequenceNumber !== undefined && { SequenceNumber: message.sequenceNumber }),
    ...(message.traceHeader !== undefined && { AWSTraceHeader: message.traceHeader }),
    ...(message.deadLetterSource !== undefined && {
      DeadLetterQueueSourceArn: arnOf(message.deadLetterSource),
    }),
  };
}

/** Chosen by name, by "All", or by a prefix such as "trace.*". */
export function chosenNames(names: readonly string[], wanted: readonly string[]): readonly string[] {
  const matches = (name: string, want: string) =>
    want === "All" ||
    want === ".*" ||
    want === name ||
    (want.endsWith(".*") && name.startsWith(want.slice(0, -2)));
  return names.filter((name) => wanted.some((want) => matches(name, want)));
}

export function wireAttributes(attributes: MessageAttributes): Record<string, WireAttribute> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, value }]) => [
      name,
      isBinary(dataType)
        ? { DataType: dataType, BinaryValue: value }
        : { DataType: dataType, StringValue: value },
    ]),
  );
}

export interface WireEntry extends WireSend {
  readonly Id?: string;
  readonly ReceiptHandle?: string;
  readonly VisibilityTimeout?: number;
}

/** What callers send; every field may be missing, and the model says which must not. */
export interface WireInput extends WireEntry {
  readonly QueueUrl?: string;
  readonly QueueName?: string;
  readonly Entries?: readonly WireEntry[];
  readonly MaxNumberOfMessages?: number;
  readonly WaitTimeSeconds?: number;
  readonly AttributeNames?: readonly string[];
  readonly MessageSystemAttributeNames?: readonly string[];
  readonly MessageAttributeNames?: readonly string[];
  readonly SourceArn?: string;
  readonly DestinationArn?: string;
  readonly MaxNumberOfMessagesPerSecond?: number;
}

/** The fields of these names. */
export function pick<T>(from: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));
}
