import { Chain } from "./chain.ts";
import type { DeliveryOrder } from "./delivery-order.ts";
import { heapNode, IndexedHeap } from "./heap.ts";
import type { MessageContent, MessageState, StoredMessage } from "./message.ts";

/** Told of every message that comes into a queue or leaves it, for whatever reason. */
export type QueueWatcher = (change: "came" | "left", content: MessageContent) => void;

/**
 * The messages of one queue and what time does to them: hidden ones show, those past their retention vanish. Time does
 * not run backwards: a `now` before the latest one counts as the latest.
 */
export class MessageStore {
  readonly counts = { visible: 0, inFlight: 0, delayed: 0 };
  readonly order: DeliveryOrder;
  expired = 0;
  readonly watchers: QueueWatcher[] = [];
  readonly #retentionMs: number;
  readonly #bySerial = new Map<number, StoredMessage>();
  /** In order of arrival, which is the order of expiry, but for standard dead letters. */
  readonly #arrivals = new Chain<StoredMessage>();
  readonly #earlyExpiries = new IndexedHeap<StoredMessage>();
  /** Hidden messages by the time at which they show or vanish. */
  readonly #timers = new IndexedHeap<StoredMessage>();
  #now = Number.NEGATIVE_INFINITY;

  constructor(order: DeliveryOrder, retentionMs: number) {
    this.order = order;
    this.#retentionMs = retentionMs;
  }

  /** Lets time pass until `now`, and answers the time that it is then. */
  advance(now: number): number {
    if (now > this.#now) this.#now = now;
    const at = this.#now;
    // Whatever arrived before an expired message has expired too: the heads are all there is to look at.
    this.#expire(at, () => this.#earlyExpiries.peek()?.owner);
    this.#expire(at, () => this.#arrivals.head?.owner);
    let timer = this.#timers.peek();
    while (timer !== undefined && timer.key <= at) {
      this.become(timer.owner, "visible", at);
      timer = this.#timers.peek();
    }
    return at;
  }

  find(serial: number): StoredMessage | undefined {
    return this.#bySerial.get(serial);
  }

  /** Of those that are meant, the message that has been here longest. */
  oldest(isMeant: (message: StoredMessage) => boolean): StoredMessage | undefined {
    let link = this.#arrivals.head;
    while (link !== undefined && !isMeant(link.owner)) link = link.next;
    return link?.owner;
  }

  nextEventAt(): number | undefined {
    return this.#timers.peek()?.key;
  }

  add(message: StoredMessage, delayMs: number): void {
    this.#bySerial.set(message.serial, message);
    this.#arrivals.append(message.arrival);
    if (message.expiresAt < message.arrivedAt + this.#retentionMs) {
      message.earlyExpiry = heapNode(message, message.expiresAt, message.serial);
      this.#earlyExpiries.push(message.earlyExpiry);
    }
    if (delayMs > 0) {
      message.state = "delayed";
      this.#hide(message, message.arrivedAt + delayMs);
    }
    this.counts[message.state] += 1;
    this.order.add(message);
    for (const watch of this.watchers) watch("came", message.content);
  }

  /** `until` says when a message that is now hidden shows again. */
  become(message: StoredMessage, state: MessageState, until: number): void {
    const from = message.state;
    if (from !== "visible") this.#timers.remove(message.place);
    this.counts[from] -= 1;
    message.state = state;
    this.counts[state] += 1;
    this.order.changed(message, from);
    if (state !== "visible") this.#hide(message, until);
  }

  remove(message: StoredMessage): void {
    if (message.state !== "visible") this.#timers.remove(message.place);
    this.order.remove(message);
    this.counts[message.state] -= 1;
    this.#arrivals.remove(message.arrival);
    if (message.earlyExpiry !== undefined) this.#earlyExpiries.remove(message.earlyExpiry);
    this.#bySerial.delete(message.serial);
    for (const watch of this.watchers) watch("left", message.content);
  }

  #expire(at: number, next: () => StoredMessage | undefined): void {
    let message = next();
    while (message !== undefined && message.expiresAt <= at) {
      this.remove(message);
      this.expired += 1;
      message = next();
    }
  }

  #hide(message: StoredMessage, until: number): void {
    message.place.key = Math.min(until, message.expiresAt);
    this.#timers.push(message.place);
  }
}
