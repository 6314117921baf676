import type { ChainLink } from "./chain.ts";
import type { StoredMessage } from "./message.ts";

/**
 * The first so many messages of a queue by their arrival, in flight or not, among which SQS looks for one to deliver. It is told of every message after
 * it has arrived, and before it leaves: its end moves by one link at most.
 */
export class SearchWindow {
  readonly #size: number;
  #count = 0;
  /** The last message in it. */
  #end: ChainLink<StoredMessage> | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  has(message: StoredMessage): boolean {
    return this.#end !== undefined && message.serial <= this.#end.owner.serial;
  }

  add(message: StoredMessage): void {
    if (this.#count >= this.#size) return;
    this.#count += 1;
    this.#end = message.arrival;
  }

  remove(message: StoredMessage): void {
    if (!this.has(message)) return;
    const { next } = this.#end ?? message.arrival;
    if (next !== undefined) {
      this.#end = next;
      return;
    }
    this.#count -= 1;
    if (this.#end === message.arrival) this.#end = message.arrival.previous;
  }
}
