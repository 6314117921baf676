import { FUNCTION_TIMEOUT_MS } from "#core/times.ts";
import type { CommitRef } from "#ports/queues.ts";
import type { StreamedRef, RelayBatches } from "#runtime/relay/create-relay-batches.ts";
import { refName } from "#runtime/relay/read-works.ts";
import { between } from "#memory/seeded-chance.ts";
import { Spells } from "./spells.ts";
import { Worker, type Ground } from "./worker.ts";

/** The relay, run by a new worker. */
export type RelayOf = (worker: Worker) => RelayBatches;

/** Batches of it go one after another. */
interface Lane {
  readonly name: string;
  readonly backlog: StreamedRef[];
  busy: boolean;
  planned: boolean;
  batches: number;
}

const MOST_RECORDS = 10;
/** The mapping's ParallelizationFactor: so many batches of a shard side by side. */
const LANES = 2;
/** A batch whose function died, or could not even put aside what it had not done, comes again from the stream. */
const AGAIN_MS = 1_000;
const OUTAGE_SPAN_MS = 600_000;

/**
 * The log's stream: where every commit stands, at least once, in order for an item only, as DynamoDB and Lambda have it. So commits of
 * one session go side by side and overtake one another.
 */
export class LogStream {
  readonly #ground: Ground;
  readonly #relayOf: RelayOf;
  readonly #outage: Spells;
  readonly #lanes = new Map<string, Lane>();
  /** How many tables there were: nothing of an earlier one is relayed by who only knows the present one. */
  #tables = 1;

  constructor(ground: Ground, relayOf: RelayOf) {
    this.#ground = ground;
    this.#relayOf = relayOf;
    this.#outage = new Spells(ground, "stream-outage", OUTAGE_SPAN_MS);
  }

  put(ref: CommitRef): void {
    const { seed } = this.#ground;
    const item = refName(ref);
    const name = `relay ${ref.session}/${between(seed, `lane of ${item}`, 1, LANES)}`;
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = { name, backlog: [], busy: false, planned: false, batches: 0 };
      this.#lanes.set(name, lane);
    }
    const at = between(seed, `place of ${item}`, 0, lane.backlog.length);
    lane.backlog.splice(at, 0, { id: item, ref });
    this.#plan(lane, between(seed, `${name} ${lane.batches}`, 60, 400));
  }

  /** Another table has another stream: what lies in this one is gone. */
  drop(): void {
    for (const lane of this.#lanes.values()) lane.backlog.length = 0;
    this.#tables += 1;
  }

  #plan(lane: Lane, ms: number): void {
    if (lane.busy || lane.planned || lane.backlog.length === 0) return;
    lane.planned = true;
    const stalled = this.#ground.chaos.at(`${lane.name} stall#${lane.batches + 1}`, ["stream-stalled"]);
    const waitMs = Math.max(ms + (stalled?.value ?? 0), this.#outage.left);
    this.#ground.scheduler.after(waitMs, () => {
      lane.planned = false;
      this.#read(lane);
    });
  }

  #read(lane: Lane): void {
    const { scheduler, chaos } = this.#ground;
    lane.batches += 1;
    lane.busy = true;
    const records = lane.backlog.splice(0, MOST_RECORDS);
    const name = `${lane.name} ${lane.batches}`;
    const again = chaos.at(`${name} twice`, ["stream-repeated"]);
    const table = this.#tables;
    if (again !== undefined)
      scheduler.after(again.value, () => {
        if (table === this.#tables) this.#invoke(`${name} again`, records, () => undefined);
      });
    this.#invoke(name, records, (failed) => {
      lane.busy = false;
      if (failed.length > 0 && table === this.#tables) lane.backlog.unshift(...failed);
      this.#plan(lane, failed.length > 0 ? AGAIN_MS : 20);
    });
  }

  /** Tells which of the records come again. */
  #invoke(
    name: string,
    records: readonly StreamedRef[],
    ended: (failed: readonly StreamedRef[]) => void,
  ): void {
    const worker = new Worker(name, this.#ground);
    const relay = this.#relayOf(worker);
    const limit = this.#ground.scheduler.after(FUNCTION_TIMEOUT_MS.relay, () => {
      worker.stop();
      ended(records);
    });
    worker.start(
      () => relay.stream(records, worker.clock.now() + FUNCTION_TIMEOUT_MS.relay),
      (outcome) => {
        limit.happening = undefined;
        if (outcome.type === "error") return ended(records);
        const [first] = records.flatMap(({ id }, at) => (outcome.value.includes(id) ? [at] : []));
        // Lambda goes on from the first that was not taken.
        ended(first === undefined ? [] : records.slice(first));
      },
    );
  }
}
