import { chainLink, type ChainLink } from "./chain.ts";
import { heapNode, type HeapNode } from "./heap.ts";
import type { MessageGroup } from "./fifo-order.ts";
import type { Queue } from "./queue.ts";

/** A message attribute of the sender; a binary value is carried in base64. */
export interface MessageAttribute {
  readonly dataType: string;
  readonly value: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export interface SendInput {
  readonly body: string;
  /** Required on FIFO. On a standard queue it is kept and shown (fair queues), and orders nothing. */
  readonly groupId?: string;
  /** FIFO only; required there unless the queue deduplicates by content. */
  readonly deduplicationId?: string;
  /** 0 to 15 minutes; refused on FIFO, where only the queue as a whole can delay. */
  readonly delayMs?: number;
  readonly attributes?: MessageAttributes;
  /** The system attribute AWSTraceHeader; it does not count into the size. */
  readonly traceHeader?: string;
}

export interface SendResult {
  readonly messageId: string;
  /** FIFO only: rises within a group, not by one. */
  readonly sequenceNumber?: string;
  /** SQS does not tell its senders: a dropped duplicate answers as the first send did. */
  readonly deduplicated: boolean;
}

export interface ReceivedMessage {
  readonly messageId: string;
  /** New on each receive. */
  readonly receiptHandle: string;
  readonly body: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly sequenceNumber?: string;
  readonly attributes: MessageAttributes;
  readonly traceHeader?: string;
  /** ApproximateReceiveCount, this receive included. */
  readonly receiveCount: number;
  /** SentTimestamp. */
  readonly sentAt: number;
  /** ApproximateFirstReceiveTimestamp. */
  readonly firstReceivedAt: number;
  /** Name of the queue that gave the message up (DeadLetterQueueSourceArn carries its ARN). */
  readonly deadLetterSource?: string;
}

export type MessageState = "delayed" | "visible" | "inFlight";

/** What a message is, apart from where it stands in a queue. */
export interface MessageContent {
  readonly messageId: string;
  readonly body: string;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly sequenceNumber: string | undefined;
  readonly attributes: MessageAttributes;
  readonly traceHeader: string | undefined;
  readonly sentAt: number;
}

/** A message as one queue holds it. Only that queue's store and delivery order write it. */
export class StoredMessage {
  readonly serial: number;
  readonly content: MessageContent;
  readonly arrivedAt: number;
  readonly expiresAt: number;
  state: MessageState = "visible";
  receiveCount = 0;
  /** Of the latest receive; empty before the first. */
  receiptHandle = "";
  receivedAt = 0;
  firstReceivedAt = 0;
  /** In the queue's timers while hidden; among a standard queue's ready ones while visible. */
  readonly place: HeapNode<StoredMessage>;
  readonly arrival: ChainLink<StoredMessage>;
  /** Only on a standard dead letter, which expires out of the order of arrival. */
  earlyExpiry: HeapNode<StoredMessage> | undefined;
  /** The queue that gave it up, on a dead letter. */
  source: Queue | undefined;
  group: MessageGroup | undefined;
  inGroup: ChainLink<StoredMessage> | undefined;

  constructor(serial: number, content: MessageContent, arrivedAt: number, expiresAt: number) {
    this.serial = serial;
    this.content = content;
    this.arrivedAt = arrivedAt;
    this.expiresAt = expiresAt;
    this.place = heapNode(this, serial, serial);
    this.arrival = chainLink(this);
    this.earlyExpiry = undefined;
    this.source = undefined;
    this.group = undefined;
    this.inGroup = undefined;
  }
}
