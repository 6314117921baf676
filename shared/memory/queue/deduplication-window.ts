interface Remembered {
  readonly key: string;
  readonly until: number;
  readonly messageId: string;
  readonly sequenceNumber: string;
  next: Remembered | undefined;
}

/**
 * The sends of the last few minutes. It starts with the send that was accepted; a duplicate does not prolong it, and
 * deleting the message does not end it.
 */
export class DeduplicationWindow {
  readonly #byKey = new Map<string, Remembered>();
  readonly #windowMs: number;
  #oldest: Remembered | undefined;
  #newest: Remembered | undefined;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  find(
    now: number,
    key: string,
  ): { readonly messageId: string; readonly sequenceNumber: string } | undefined {
    while (this.#oldest !== undefined && this.#oldest.until <= now) {
      this.#byKey.delete(this.#oldest.key);
      this.#oldest = this.#oldest.next;
    }
    return this.#byKey.get(key);
  }

  /** For a key that `find` has just not found. */
  remember(now: number, key: string, messageId: string, sequenceNumber: string): void {
    const entry: Remembered = {
      key,
      until: now + this.#windowMs,
      messageId,
      sequenceNumber,
      next: undefined,
    };
    this.#byKey.set(key, entry);
    if (this.#oldest === undefined) this.#oldest = entry;
    else if (this.#newest !== undefined) this.#newest.next = entry;
    this.#newest = entry;
  }
}
