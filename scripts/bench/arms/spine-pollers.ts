import type { Batch } from "#memory/queue/event-source-mapping.ts";
import type { Queue } from "#memory/queue/queue.ts";
import { isForNewer, type Handler } from "#testing/in-process/handlers.ts";
import type { Source } from "#testing/in-process/in-process-queues.ts";
import { returnedIn, returnSoon } from "#testing/in-process/return-soon.ts";
import type { Environment } from "../kernel/environment.ts";
import type { FunctionPool } from "../kernel/function-pool.ts";
import type { Kernel, Label } from "../kernel/kernel.ts";
import { EPOCH } from "./spine-ports.ts";

/** What feeds one queue to its function. */
export interface Line {
  readonly source: Source;
  readonly pool: FunctionPool;
  readonly handler: (environment: Environment) => Handler;
  readonly labelOf: (batch: Batch) => Label;
}

interface Feeding extends Line {
  wakeAt: number;
  /** Since when batches have run without a long pause: mappings go up from there. */
  busySince: number;
  /** When the last batch ended that ran alone. */
  idleSince: number;
}

/** How long a mapping that saw nothing keeps what it has gone up to. */
const FORGETS_AFTER_MS = 60_000;

/**
 * Lambda's mappings in virtual time. The published latency of a hop is the message's way to the function, so a message shows in
 * its queue when that is over, and is taken as soon as the mapping may run one batch more.
 */
export class Pollers {
  readonly #kernel: Kernel;
  readonly #lines = new Map<Queue, Feeding>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  feed(line: Line): void {
    this.#lines.set(line.source.queue, { ...line, wakeAt: Infinity, busySince: 0, idleSince: -Infinity });
  }

  /** A message shows in a queue. */
  shown(queue: Queue): void {
    const line = this.#lines.get(queue);
    if (line !== undefined) this.#wake(line, 0);
  }

  #wake(line: Feeding, ms: number): void {
    const at = this.#kernel.now + Math.max(0, ms);
    if (line.wakeAt <= at) return;
    line.wakeAt = at;
    this.#kernel.at(at, () => {
      if (line.wakeAt !== at) return;
      line.wakeAt = Infinity;
      this.#poll(line);
    });
  }

  /** How many batches the mapping may run now: it begins with a few, and goes up while messages wait. */
  #most(line: Feeding): number {
    const { pollersAtFirst, pollersAMinute } = this.#kernel.params.functions;
    const sinceMs = this.#kernel.now - line.busySince;
    return Math.min(line.pool.spec.cap, pollersAtFirst + Math.floor((sinceMs / 60_000) * pollersAMinute));
  }

  #poll(line: Feeding): void {
    const { source } = line;
    const now = EPOCH + this.#kernel.now;
    const isIdle = source.mapping.activeBatches === 0;
    if (isIdle && this.#kernel.now - line.idleSince > FORGETS_AFTER_MS) line.busySince = this.#kernel.now;
    while (source.mapping.activeBatches < this.#most(line)) {
      const batch = source.mapping.poll(now);
      if (batch === undefined) break;
      this.#invoke(line, batch);
    }
    const next = source.queue.nextEventAt(now);
    if (next !== undefined) this.#wake(line, Math.max(1, next - now));
    else if (source.queue.counts(now).visible > 0)
      this.#wake(line, 60_000 / this.#kernel.params.functions.pollersAMinute);
    const letters = source.queue.config.deadLetterQueue;
    if (letters !== undefined && letters.counts(now).visible > 0) this.shown(letters);
  }

  #invoke(line: Feeding, batch: Batch): void {
    const { source, pool } = line;
    const forNewer = (id: string) => isForNewer(batch, id);
    const complete = (
      outcome: { readonly type: "ok"; readonly response: unknown } | { readonly type: "error" },
    ) => {
      const now = EPOCH + this.#kernel.now;
      if (outcome.type === "ok") returnSoon(source, now, returnedIn(batch, outcome.response), forNewer);
      else returnSoon(source, now, batch.messages);
      source.mapping.complete(now, batch, outcome);
      if (source.mapping.activeBatches === 0) line.idleSince = this.#kernel.now;
      this.#wake(line, 0);
    };
    const started = pool.start<unknown>(
      line.labelOf(batch),
      (environment) => line.handler(environment)(batch),
      (outcome) =>
        complete(outcome.type === "ok" ? { type: "ok", response: outcome.value } : { type: "error" }),
    );
    // The account has no room: a throttled batch counts as a receive, and comes again.
    if (!started) complete({ type: "error" });
  }
}
