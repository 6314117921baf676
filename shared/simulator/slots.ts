/** What many sessions at once share, and how long work takes. */
export interface Crowd {
  /** Functions that may run at once in the account. */
  readonly slots: number;
  /** The bulkhead: how many of them an agent may have, by its queue's mapping. */
  readonly concurrency: (agent: string) => number;
  /** So many times as long as usual agents' work takes. */
  readonly pace: number;
}

/** How many functions of the account may run at once. What finds none free waits, first come, first served. */
export class Slots {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(free: number) {
    this.#free = free;
  }

  enter(begin: () => void): void {
    if (this.#free === 0) return void this.#waiting.push(begin);
    this.#free -= 1;
    begin();
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
