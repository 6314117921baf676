import { heapNode, IndexedHeap } from "#memory/queue/heap.ts";

/** Something that happens at a virtual time. `false` says that nothing was set in motion. */
export type Happening = () => boolean | void;

export interface Appointment {
  happening: Happening | undefined;
}

/** Virtual time: happenings one after another, by time and then by the order in which they were planned. */
export class Scheduler {
  now: number;
  happened = 0;
  readonly #heap = new IndexedHeap<Appointment>();
  #planned = 0;

  constructor(start: number) {
    this.now = start;
  }

  after(ms: number, happening: Happening): Appointment {
    const appointment: Appointment = { happening };
    this.#heap.push(heapNode(appointment, this.now + ms, this.#planned++));
    return appointment;
  }

  /**
   * Runs until nothing is planned any longer; false when `most` happenings were not enough. Each happening has a turn of
   * the event loop to itself: the next turn starts with no promise left that could go on without time. `between` runs
   * before each, when all that the last one set in motion has happened.
   */
  run(most: number, between: () => void): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        try {
          between();
          const more = this.#turn(most);
          if (more === undefined) void setImmediate(turn);
          else resolve(more);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      void setImmediate(turn);
    });
  }

  /** Happenings up to the first that sets something in motion; whether time came to an end, when it did. */
  #turn(most: number): boolean | undefined {
    for (let next = this.#heap.peek(); next !== undefined; next = this.#heap.peek()) {
      this.#heap.remove(next);
      const { happening } = next.owner;
      if (happening === undefined) continue;
      this.now = Math.max(this.now, next.key);
      this.happened += 1;
      if (this.happened > most) return false;
      if (happening() !== false) return undefined;
    }
    return true;
  }
}
