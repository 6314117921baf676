import { hash } from "node:crypto";
import { DeduplicationWindow } from "./deduplication-window.ts";
import { FifoOrder } from "./fifo-order.ts";
import { MessageStore, type QueueWatcher } from "./message-store.ts";
import { StoredMessage, type MessageContent } from "./message.ts";
import type { ReceivedMessage, SendInput, SendResult } from "./message.ts";
import {
  MAX_VISIBILITY_MS,
  resolveQueueConfig,
  type QueueConfig,
  type ResolvedQueueConfig,
} from "./queue-config.ts";
import { QueueError, requireRange } from "./queue-error.ts";
import { formatReceiptHandle, requireReceiptHandle, serialOf } from "./receipt-handle.ts";
import { sendBatch, type SendBatchEntry, type SendBatchResult } from "./send-batch.ts";
import { checkSend } from "./send-rules.ts";
import { StandardOrder } from "./standard-order.ts";

export interface ReceiveOptions {
  /** 1 to 10. @default 1 */
  readonly max?: number;
  /** 0 to 12 hours. @default the queue's */
  readonly visibilityTimeoutMs?: number;
}

/** SQS calls these numbers approximate; here they are exact. A visible message of a closed group counts as visible. */
export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** Since the queue was made: accepted + arrived = deleted + expired + deadLettered + redriven + what is in it. */
export interface QueueTotals {
  readonly accepted: number;
  readonly deduplicated: number;
  /** Taken over from another queue, as a dead letter or by a move. */
  readonly arrived: number;
  readonly received: number;
  readonly deleted: number;
  readonly expired: number;
  readonly deadLettered: number;
  /** Taken away by a move task. */
  readonly redriven: number;
}

/**
 * One SQS queue as AWS documents it, without a clock of its own: every call takes `now` in milliseconds. Time does not
 * run backwards: a `now` before the latest one counts as the latest. No call scans; each costs O(log n) at most for
 * every message that it returns or that time has changed.
 *
 * Not modelled: ReceiveRequestAttemptId, throughput quotas, sharding, and the at-least-once duplicates of standard queues.
 */
export class Queue {
  readonly name: string;
  readonly fifo: boolean;
  readonly config: ResolvedQueueConfig;
  /** True once another queue names this one as its dead-letter queue. */
  isDeadLetterQueue = false;
  readonly #store: MessageStore;
  readonly #seen: DeduplicationWindow;
  readonly #totals = {
    accepted: 0,
    deduplicated: 0,
    arrived: 0,
    received: 0,
    deleted: 0,
    deadLettered: 0,
    redriven: 0,
  };
  #serial = 0;

  constructor(config: QueueConfig) {
    this.config = resolveQueueConfig(config);
    this.name = config.name;
    this.fifo = config.fifo;
    const order = config.fifo
      ? new FifoOrder(this.config.pick, this.config.searchWindow)
      : new StandardOrder(this.config.pick);
    this.#store = new MessageStore(order, this.config.retentionMs);
    this.#seen = new DeduplicationWindow(this.config.dedupWindowMs);
    if (config.deadLetterQueue !== undefined) config.deadLetterQueue.isDeadLetterQueue = true;
  }

  /** Nothing of AWS: lets a test or the simulator follow what lies in the queue. */
  watch(watcher: QueueWatcher): void {
    this.#store.watchers.push(watcher);
  }

  /** A duplicate inside the window is accepted with success, answers as the first send did, and is never delivered. */
  send(now: number, input: SendInput): SendResult {
    const at = this.#store.advance(now);
    checkSend(this.config, input);
    return this.fifo ? this.#sendFifo(at, input) : this.#sendStandard(at, input);
  }

  /** Up to 10 messages and 1 MiB; each entry succeeds or fails by itself, in order. */
  sendBatch(now: number, entries: readonly SendBatchEntry[]): SendBatchResult {
    return sendBatch(entries, (entry) => this.send(now, entry));
  }

  /**
   * Up to `max` messages. One that has been received `maxReceiveCount` times goes to the dead-letter queue instead.
   * At the limit of messages in flight a FIFO queue answers with none, a standard queue with OverLimit.
   */
  receive(now: number, options: ReceiveOptions = {}): readonly ReceivedMessage[] {
    const at = this.#store.advance(now);
    const max = options.max ?? 1;
    const visibilityMs = options.visibilityTimeoutMs ?? this.config.visibilityTimeoutMs;
    requireRange("max", max, 1, 10);
    requireRange("visibilityTimeoutMs", visibilityMs, 0, MAX_VISIBILITY_MS);
    const room = this.config.inFlightLimit - this.#store.counts.inFlight;
    if (room <= 0 && !this.fifo) {
      throw new QueueError(
        "OverLimit",
        `${this.name} has ${this.#store.counts.inFlight} messages in flight.`,
      );
    }
    const received: ReceivedMessage[] = [];
    this.#store.order.take(Math.min(max, room), (message) => {
      if (this.#moveIfPoison(at, message)) return false;
      received.push(this.#deliver(at, message, at + visibilityMs));
      return true;
    });
    return received;
  }

  /**
   * Deletes what the handle was received for. SQS answers success also when nothing is deleted: the message is gone
   * already or, on a standard queue, the handle is not the latest. A standard queue deletes by the latest handle even
   * after its visibility ran out; a FIFO queue refuses a handle that has run out. `deleted` is told to nobody on AWS.
   */
  delete(now: number, receiptHandle: string): { readonly deleted: boolean } {
    this.#store.advance(now);
    const { message, latest } = this.#lookUp(receiptHandle);
    if (message === undefined) return { deleted: false };
    if (this.fifo && (!latest || message.state !== "inFlight")) {
      throw new QueueError("InvalidParameterValue", `The receipt handle ${receiptHandle} has expired.`);
    }
    if (!latest) return { deleted: false };
    this.#store.remove(message);
    this.#totals.deleted += 1;
    return { deleted: true };
  }

  /** Counted from now; 0 shows the message at once. In all at most 12 hours from the receive, which nothing resets. */
  changeVisibility(now: number, receiptHandle: string, visibilityTimeoutMs: number): void {
    const at = this.#store.advance(now);
    requireRange("visibilityTimeoutMs", visibilityTimeoutMs, 0, MAX_VISIBILITY_MS);
    const { message, latest } = this.#lookUp(receiptHandle);
    if (message?.state !== "inFlight" || !latest) {
      throw new QueueError("MessageNotInflight", `The message of ${receiptHandle} is not in flight.`);
    }
    if (at + visibilityTimeoutMs > message.receivedAt + MAX_VISIBILITY_MS) {
      const reason = `Another ${visibilityTimeoutMs} ms would hide the message for over 12 hours from its receive.`;
      throw new QueueError("InvalidParameterValue", reason);
    }
    if (visibilityTimeoutMs === 0) this.#store.become(message, "visible", at);
    else this.#store.become(message, "inFlight", at + visibilityTimeoutMs);
  }

  counts(now: number): QueueCounts {
    this.#store.advance(now);
    return { ...this.#store.counts };
  }

  totals(now: number): QueueTotals {
    this.#store.advance(now);
    return { ...this.#totals, expired: this.#store.expired };
  }

  /**
   * The next time at which a hidden message shows, or at which one in flight vanishes and so opens its group. Whoever
   * jumps there may still find nothing. Undefined when nothing is hidden.
   */
  nextEventAt(now: number): number | undefined {
    this.#store.advance(now);
    return this.#store.nextEventAt();
  }

  /**
   * Age of the message that has been in this queue longest, as SQS measures it: a dead letter counts from its move, and a
   * standard queue leaves out messages that were received three times or more.
   */
  oldestAge(now: number): number | undefined {
    const at = this.#store.advance(now);
    const oldest = this.#store.oldest(({ receiveCount }) => this.fifo || receiveCount < UNMEASURED_RECEIVES);
    return oldest === undefined ? undefined : at - oldest.arrivedAt;
  }

  /** For move tasks: the oldest deliverable message, and the queue that gave it up. */
  peekForMove(
    now: number,
  ): { readonly content: MessageContent; readonly source: Queue | undefined } | undefined {
    this.#store.advance(now);
    const message = this.#store.order.oldest();
    return message && { content: message.content, source: message.source };
  }

  /** For move tasks: takes away what `peekForMove` showed. */
  takeForMove(now: number): void {
    this.#store.advance(now);
    const message = this.#store.order.oldest();
    if (message === undefined) return;
    this.#store.remove(message);
    this.#totals.redriven += 1;
  }

  /** For move tasks: a redriven message is new, with an id, an enqueue time and a deduplication id of its own. */
  acceptRedriven(now: number, content: MessageContent): void {
    const at = this.#store.advance(now);
    const serial = this.#nextSerial();
    const messageId = this.#newMessageId(serial);
    this.#totals.arrived += 1;
    this.#arrive(at, serial, {
      ...content,
      ...this.#fifoIds(at, serial, content, messageId),
      messageId,
      sentAt: at,
    });
  }

  /**
   * A dead letter keeps its message id and is visible at once; its receive count starts anew. On a standard queue it
   * keeps its enqueue time, and expires by it; on FIFO the time is reset, and the message id becomes the deduplication id.
   */
  acceptDeadLetter(now: number, content: MessageContent, source: Queue): void {
    const at = this.#store.advance(now);
    const serial = this.#nextSerial();
    const sentAt = this.fifo ? at : content.sentAt;
    const ids = this.#fifoIds(at, serial, content, content.messageId);
    const letter = new StoredMessage(
      serial,
      { ...content, ...ids, sentAt },
      at,
      sentAt + this.config.retentionMs,
    );
    letter.source = source;
    this.#totals.arrived += 1;
    this.#store.add(letter, 0);
  }

  #sendStandard(at: number, input: SendInput): SendResult {
    const serial = this.#nextSerial();
    const messageId = this.#newMessageId(serial);
    this.#totals.accepted += 1;
    this.#arrive(at, serial, contentOf(at, input, messageId), input.delayMs);
    return { messageId, deduplicated: false };
  }

  #sendFifo(at: number, input: SendInput): SendResult {
    const deduplicationId = input.deduplicationId ?? hash("sha256", input.body);
    const key = this.#deduplicationKey(input.groupId, deduplicationId);
    const first = this.#seen.find(at, key);
    if (first !== undefined) {
      this.#totals.deduplicated += 1;
      return { messageId: first.messageId, sequenceNumber: first.sequenceNumber, deduplicated: true };
    }
    const serial = this.#nextSerial();
    const messageId = this.#newMessageId(serial);
    const sequenceNumber = sequenceNumberOf(serial);
    this.#seen.remember(at, key, messageId, sequenceNumber);
    this.#totals.accepted += 1;
    this.#arrive(at, serial, contentOf(at, input, messageId, deduplicationId, sequenceNumber));
    return { messageId, sequenceNumber, deduplicated: false };
  }

  /** What a message that another queue hands over gets anew on FIFO. It is never dropped as a duplicate. */
  #fifoIds(
    at: number,
    serial: number,
    content: MessageContent,
    deduplicationId: string,
  ): Partial<MessageContent> {
    if (!this.fifo) return {};
    const sequenceNumber = sequenceNumberOf(serial);
    const key = this.#deduplicationKey(content.groupId, deduplicationId);
    if (this.#seen.find(at, key) === undefined) this.#seen.remember(at, key, deduplicationId, sequenceNumber);
    return { deduplicationId, sequenceNumber };
  }

  #deduplicationKey(groupId: string | undefined, deduplicationId: string): string {
    // Neither id can hold a space.
    return this.config.deduplicationScope === "queue"
      ? deduplicationId
      : `${groupId ?? ""} ${deduplicationId}`;
  }

  #nextSerial(): number {
    this.#serial += 1;
    return this.#serial;
  }

  #newMessageId(serial: number): string {
    return this.config.newMessageId?.() ?? `${this.name}-${serial}`;
  }

  #arrive(at: number, serial: number, content: MessageContent, delayMs = this.config.delayMs): void {
    this.#store.add(new StoredMessage(serial, content, at, at + this.config.retentionMs), delayMs);
  }

  #moveIfPoison(at: number, message: StoredMessage): boolean {
    const { maxReceiveCount, deadLetterQueue } = this.config;
    if (maxReceiveCount === undefined || message.receiveCount < maxReceiveCount) return false;
    this.#store.remove(message);
    this.#totals.deadLettered += 1;
    deadLetterQueue?.acceptDeadLetter(at, message.content, this);
    return true;
  }

  #deliver(at: number, message: StoredMessage, hiddenUntil: number): ReceivedMessage {
    if (message.receiveCount === 0) message.firstReceivedAt = at;
    message.receiveCount += 1;
    message.receivedAt = at;
    message.receiptHandle = formatReceiptHandle(this.name, message.serial, message.receiveCount);
    this.#totals.received += 1;
    this.#store.become(message, "inFlight", hiddenUntil);
    const { messageId, body, groupId, deduplicationId, sequenceNumber, attributes, traceHeader } =
      message.content;
    const { source } = message;
    return {
      messageId,
      receiptHandle: message.receiptHandle,
      body,
      ...(groupId !== undefined && { groupId }),
      ...(deduplicationId !== undefined && { deduplicationId }),
      ...(sequenceNumber !== undefined && { sequenceNumber }),
      attributes,
      ...(traceHeader !== undefined && { traceHeader }),
      receiveCount: message.receiveCount,
      sentAt: message.content.sentAt,
      firstReceivedAt: message.firstReceivedAt,
      ...(source !== undefined && { deadLetterSource: source.name }),
    };
  }

  #lookUp(receiptHandle: string): { readonly message: StoredMessage | undefined; readonly latest: boolean } {
    const message = this.#store.find(serialOf(this.name, receiptHandle));
    const latest = message?.receiptHandle === receiptHandle;
    if (!latest) requireReceiptHandle(this.name, receiptHandle, this.#serial);
    return { message, latest };
  }
}

const NO_ATTRIBUTES = {};
/** From so many receives on a message of a standard queue has no age in the queue's metric. */
const UNMEASURED_RECEIVES = 3;

function contentOf(
  sentAt: number,
  input: SendInput,
  messageId: string,
  deduplicationId?: string,
  sequenceNumber?: string,
): MessageContent {
  const { body, groupId, traceHeader, attributes = NO_ATTRIBUTES } = input;
  return { messageId, body, groupId, deduplicationId, sequenceNumber, attributes, traceHeader, sentAt };
}

/** 20 digits, rising as text too, with gaps as on AWS. */
function sequenceNumberOf(serial: number): string {
  return `1${String(serial * 256).padStart(19, "0")}`;
}

export function createQueue(config: QueueConfig): Queue {
  return new Queue(config);
}
