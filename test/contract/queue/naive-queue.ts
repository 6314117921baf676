import { createHash } from "node:crypto";
import type { HarnessMessage, HarnessSend, QueueSetup } from "./describe-queue.ts";

interface Stored {
  readonly messageId: string;
  readonly body: string;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly order: number;
  readonly sentAt: number;
  readonly delayedUntil: number;
  invisibleUntil: number | undefined;
  receivedAt: number;
  receiveCount: number;
}

class Refusal extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

const TWELVE_HOURS = 43_200_000;

/** SQS by arrays and scans: slow, and simple enough to be believed. The property tests hold the model against it. */
export class NaiveQueue {
  readonly deadLetters: HarnessMessage[] = [];
  expired = 0;
  readonly #setup: QueueSetup;
  readonly #retentionMs: number;
  readonly #accepted: { key: string; at: number; messageId: string }[] = [];
  #messages: Stored[] = [];
  #count = 0;

  constructor(setup: QueueSetup, retentionMs = 345_600_000) {
    this.#setup = setup;
    this.#retentionMs = retentionMs;
  }

  send(now: number, input: HarnessSend): { readonly messageId: string; readonly deduplicated: boolean } {
    const { fifo, delayMs: queueDelay = 0, contentBasedDeduplication, deduplicationScope } = this.#setup;
    let deduplicationId = input.deduplicationId;
    if (fifo) {
      if (input.groupId === undefined) throw new Refusal("MissingParameter");
      if (deduplicationId === undefined && !contentBasedDeduplication)
        throw new Refusal("InvalidParameterValue");
      if (input.delayMs !== undefined) throw new Refusal("InvalidParameterValue");
      deduplicationId ??= createHash("sha256").update(input.body).digest("hex");
      const key = JSON.stringify(
        deduplicationScope === "messageGroup" ? [input.groupId, deduplicationId] : [deduplicationId],
      );
      const earlier = this.#accepted.find((sent) => sent.key === key && now < sent.at + 300_000);
      if (earlier !== undefined) return { messageId: earlier.messageId, deduplicated: true };
      this.#accepted.push({ key, at: now, messageId: `m${this.#count + 1}` });
    }
    this.#count += 1;
    const messageId = `m${this.#count}`;
    this.#messages.push({
      messageId,
      body: input.body,
      groupId: input.groupId,
      deduplicationId,
      order: this.#count,
      sentAt: now,
      delayedUntil: now + (input.delayMs ?? queueDelay),
      invisibleUntil: undefined,
      receivedAt: 0,
      receiveCount: 0,
    });
    return { messageId, deduplicated: false };
  }

  receive(
    now: number,
    { max = 1, visibilityTimeoutMs }: { readonly max?: number; readonly visibilityTimeoutMs?: number },
  ): readonly HarnessMessage[] {
    this.#expire(now);
    const { fifo, maxReceiveCount = Infinity, visibilityTimeoutMs: ofQueue = 30_000 } = this.#setup;
    const closed = new Set(this.#messages.filter((m) => this.#inFlight(now, m)).map((m) => m.groupId));
    const taken: Stored[] = [];
    const open = (m: Stored) =>
      m.delayedUntil <= now && !this.#inFlight(now, m) && !(fifo && closed.has(m.groupId));
    for (const oldest of this.#messages.filter(open)) {
      // FIFO: all of the oldest open group first, up to its first delayed message, then the next group.
      for (const message of fifo ? this.#run(now, oldest.groupId) : [oldest]) {
        if (taken.length === max || taken.includes(message) || !this.#messages.includes(message)) continue;
        if (message.receiveCount < maxReceiveCount) taken.push(message);
        else this.#kill(message);
      }
    }
    return taken.map((message) => {
      message.receiveCount += 1;
      message.receivedAt = now;
      message.invisibleUntil = now + (visibilityTimeoutMs ?? ofQueue);
      return this.#shown(message);
    });
  }

  delete(now: number, receiptHandle: string): boolean {
    this.#expire(now);
    const [messageId, receive] = this.#parse(receiptHandle);
    const message = this.#messages.find((m) => m.messageId === messageId);
    if (message === undefined) return false;
    const latest = message.receiveCount === receive;
    if (this.#setup.fifo && !(latest && this.#inFlight(now, message)))
      throw new Refusal("InvalidParameterValue");
    if (latest) this.#messages = this.#messages.filter((m) => m !== message);
    return latest;
  }

  changeVisibility(now: number, receiptHandle: string, ms: number): void {
    this.#expire(now);
    const [messageId, receive] = this.#parse(receiptHandle);
    const message = this.#messages.find((m) => m.messageId === messageId);
    if (message === undefined || message.receiveCount !== receive || !this.#inFlight(now, message)) {
      throw new Refusal("MessageNotInflight");
    }
    if (now + ms > message.receivedAt + TWELVE_HOURS) throw new Refusal("InvalidParameterValue");
    message.invisibleUntil = now + ms;
  }

  counts(now: number): { readonly visible: number; readonly inFlight: number; readonly delayed: number } {
    this.#expire(now);
    const delayed = this.#messages.filter((m) => now < m.delayedUntil).length;
    const inFlight = this.#messages.filter((m) => this.#inFlight(now, m)).length;
    return { visible: this.#messages.length - delayed - inFlight, inFlight, delayed };
  }

  nextEventAt(now: number): number | undefined {
    this.#expire(now);
    const hiddenUntil = (m: Stored) => Math.max(m.delayedUntil, m.invisibleUntil ?? 0);
    const times = this.#messages
      .filter((m) => now < hiddenUntil(m))
      .map((m) => Math.min(hiddenUntil(m), m.sentAt + this.#retentionMs));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  oldestAge(now: number): number | undefined {
    this.#expire(now);
    const measured = this.#messages.filter((m) => this.#setup.fifo || m.receiveCount < 3);
    return measured.length === 0 ? undefined : now - Math.min(...measured.map((m) => m.sentAt));
  }

  #run(now: number, groupId: string | undefined): readonly Stored[] {
    const group = this.#messages.filter((m) => m.groupId === groupId);
    const delayed = group.findIndex((m) => now < m.delayedUntil);
    return delayed === -1 ? group : group.slice(0, delayed);
  }

  #inFlight(now: number, message: Stored): boolean {
    return message.invisibleUntil !== undefined && now < message.invisibleUntil;
  }

  #kill(message: Stored): void {
    this.#messages = this.#messages.filter((m) => m !== message);
    const { messageId } = message;
    this.deadLetters.push({
      ...this.#shown(message),
      ...(this.#setup.fifo && { deduplicationId: messageId }),
    });
  }

  #expire(now: number): void {
    const living = this.#messages.filter((m) => now < m.sentAt + this.#retentionMs);
    this.expired += this.#messages.length - living.length;
    this.#messages = living;
  }

  #shown(message: Stored): HarnessMessage {
    const { messageId, body, groupId, deduplicationId, receiveCount } = message;
    return {
      messageId,
      receiptHandle: `${messageId}/${receiveCount}`,
      body,
      receiveCount,
      ...(groupId !== undefined && { groupId }),
      ...(deduplicationId !== undefined && { deduplicationId }),
      ...(this.#setup.fifo && { sequenceNumber: String(message.order) }),
    };
  }

  #parse(receiptHandle: string): readonly [string, number] {
    const [messageId = "", receive = ""] = receiptHandle.split("/");
    if (receive === "") throw new Refusal("ReceiptHandleIsInvalid");
    return [messageId, Number(receive)];
  }
}
