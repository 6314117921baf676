import { chosen, type DeliveryOrder, type Chooser } from "./delivery-order.ts";
import { IndexedHeap } from "./heap.ts";
import type { MessageState, StoredMessage } from "./message.ts";

/** A standard queue promises no order: oldest first, unless the caller picks. */
export class StandardOrder implements DeliveryOrder {
  readonly #ready = new IndexedHeap<StoredMessage>();
  readonly #pick: Chooser;

  constructor(pick: Chooser) {
    this.#pick = pick;
  }

  add(message: StoredMessage): void {
    if (message.state === "visible") this.#push(message);
  }

  changed(message: StoredMessage, from: MessageState): void {
    if (from === message.state) return;
    if (from === "visible") this.#ready.remove(message.place);
    else if (message.state === "visible") this.#push(message);
  }

  remove(message: StoredMessage): void {
    if (message.state === "visible") this.#ready.remove(message.place);
  }

  oldest(): StoredMessage | undefined {
    return this.#ready.peek()?.owner;
  }

  take(max: number, offer: (message: StoredMessage) => boolean): void {
    let taken = 0;
    while (taken < max) {
      const message = chosen(this.#pick, this.#ready.size, (slot) => this.#ready.at(slot));
      if (message === undefined) return;
      if (offer(message)) taken += 1;
    }
  }

  #push(message: StoredMessage): void {
    message.place.key = message.serial;
    this.#ready.push(message.place);
  }
}
