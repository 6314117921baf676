import { between } from "#memory/seeded-chance.ts";
import { createSummaryCache, type SummaryCache } from "#runtime/relay/summary-cache.ts";
import type { Ground, Worker } from "./worker.ts";

/** The relay's processes: two that keep what they have folded of sessions, and one that keeps nothing. */
export class RelayProcesses {
  readonly #seed: Ground["seed"];
  #caches = newCaches();

  constructor({ seed }: Pick<Ground, "seed">) {
    this.#seed = seed;
  }

  /** What the process keeps in which a worker runs. */
  cacheOf({ name }: Worker): SummaryCache | undefined {
    return this.#caches[between(this.#seed, `${name} process`, 0, this.#caches.length - 1)];
  }

  /** All begin anew. */
  restart(): void {
    this.#caches = newCaches();
  }
}

const newCaches = (): readonly (SummaryCache | undefined)[] => [
  createSummaryCache(),
  createSummaryCache(),
  undefined,
];
