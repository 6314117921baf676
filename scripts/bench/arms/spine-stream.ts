import type { SessionKey } from "#core/ids.ts";
import type { CommitRef } from "#ports/queues.ts";
import { refName } from "#runtime/relay/read-works.ts";
import type { StreamedRef } from "#runtime/relay/create-relay-batches.ts";
import { between } from "#memory/seeded-chance.ts";
import type { Kernel } from "../kernel/kernel.ts";

/** Runs the relay on a batch; `done` is told whether it must come again. False where no function could be started. */
export type StartRelay = (
  key: SessionKey,
  records: readonly StreamedRef[],
  done: (again: boolean) => void,
) => boolean;

interface Record {
  readonly ref: CommitRef;
  readonly appendedAt: number;
  /** When a function has it, if it is the first of a batch. */
  readonly dueAt: number;
}

/** Batches of it go one after another. */
interface Lane {
  readonly waiting: Record[];
  isBusy: boolean;
}

/** A new on-demand table has four partitions, and each of them a shard. */
const SHARDS = 4;
/** Batches of a shard side by side: the deployed mapping's ParallelizationFactor. */
const FACTOR = 2;
const BATCH_SIZE = 100;
const AGAIN_MS = 1_000;

/**
 * The table's stream and Lambda's poller on it, in virtual time: a shard's records go in batches, one after another in each of its lanes. The
 * published latency is that of a batch's first record; what is in the stream by then goes with it.
 */
export class LogStream {
  readonly #kernel: Kernel;
  readonly #start: StartRelay;
  readonly #lanes = Array.from({ length: SHARDS * FACTOR }, (): Lane => ({ waiting: [], isBusy: false }));

  constructor(kernel: Kernel, start: StartRelay) {
    this.#kernel = kernel;
    this.#start = start;
  }

  push(ref: CommitRef): void {
    const { seed, now } = this.#kernel;
    const shard = between(seed, `shard of ${ref.tenant}/${ref.session}`, 0, SHARDS - 1);
    const lane = this.#lanes[shard * FACTOR + between(seed, `lane of ${refName(ref)}`, 0, FACTOR - 1)];
    const latency = this.#kernel.latency({ session: ref.session, agent: "relay" }, "stream");
    lane?.waiting.push({ ref, appendedAt: now, dueAt: now + latency });
    if (lane?.waiting.length === 1) this.#plan(lane);
  }

  #plan(lane: Lane): void {
    const [first] = lane.waiting;
    if (first === undefined || lane.isBusy) return;
    lane.isBusy = true;
    this.#kernel.at(Math.max(this.#kernel.now, first.dueAt), () => this.#deliver(lane));
  }

  #deliver(lane: Lane): void {
    // None is at a function sooner than the quickest tenth.
    const newest = this.#kernel.now - this.#kernel.params.latencies.stream.p10;
    const count = lane.waiting.findIndex(({ appendedAt }, at) => at > 0 && appendedAt > newest);
    const records = lane.waiting.splice(0, Math.min(count < 0 ? lane.waiting.length : count, BATCH_SIZE));
    this.#run(
      lane,
      records.map(({ ref }) => ({ id: refName(ref), ref })),
    );
  }

  #run(lane: Lane, records: readonly StreamedRef[]): void {
    const [first] = records;
    if (first === undefined) return;
    const again = () => this.#kernel.after(AGAIN_MS, () => this.#run(lane, records));
    const started = this.#start(first.ref, records, (mustComeAgain) => {
      // What not even the retry queue took holds up its lane.
      if (mustComeAgain) return again();
      lane.isBusy = false;
      this.#plan(lane);
    });
    if (!started) again();
  }
}
