import { FUNCTION_TIMEOUT_MS } from "#core/times.ts";
import type { StreamRecord } from "#ports/session-log.ts";
import { between } from "./chance.ts";
import { Spells } from "./spells.ts";
import { Worker, type Ground } from "./worker.ts";

/** The relay, run by a new worker. */
export type RelayOf = (
  worker: Worker,
) => (records: readonly StreamRecord[]) => Promise<readonly StreamRecord[]>;

/** What the stream tells of a record. */
export interface StreamWatch {
  relayed(record: StreamRecord): void;
  /** It goes to the retry queue: later ones no longer wait for it. */
  retried(record: StreamRecord): void;
}

interface Shard {
  readonly name: string;
  readonly backlog: StreamRecord[];
  busy: boolean;
  planned: boolean;
  batches: number;
}

const MOST_RECORDS = 10;
/** A batch whose function died comes again from the stream. */
const AGAIN_MS = 1_000;
/** A record that failed comes again from the retry queue: after its delay, then when its visibility runs out. */
const RETRY_MS = 2_000;
const RETRIED_AGAIN_MS = 180_000;
const OUTAGE_SPAN_MS = 600_000;

/** The log's stream: each session's commits in order, at least once; what fails comes again from the retry queue. */
export class LogStream {
  readonly #ground: Ground;
  readonly #relayOf: RelayOf;
  readonly #watch: StreamWatch;
  readonly #outage: Spells;
  readonly #shards = new Map<string, Shard>();

  constructor(ground: Ground, relayOf: RelayOf, watch: StreamWatch) {
    this.#ground = ground;
    this.#relayOf = relayOf;
    this.#watch = watch;
    this.#outage = new Spells(ground, "stream-outage", OUTAGE_SPAN_MS);
  }

  put(record: StreamRecord): void {
    let shard = this.#shards.get(record.session);
    if (shard === undefined) {
      shard = { name: `relay ${record.session}`, backlog: [], busy: false, planned: false, batches: 0 };
      this.#shards.set(record.session, shard);
    }
    shard.backlog.push(record);
    this.#plan(shard, between(this.#ground.seed, `${shard.name} ${shard.batches}`, 60, 400));
  }

  /** Another table has another stream: what lies in this one is gone. */
  drop(): void {
    for (const shard of this.#shards.values()) shard.backlog.length = 0;
  }

  #plan(shard: Shard, ms: number): void {
    if (shard.busy || shard.planned || shard.backlog.length === 0) return;
    shard.planned = true;
    const stalled = this.#ground.chaos.at(`${shard.name} stall#${shard.batches + 1}`, ["stream-stalled"]);
    const waitMs = Math.max(ms + (stalled?.value ?? 0), this.#outage.left);
    this.#ground.scheduler.after(waitMs, () => {
      shard.planned = false;
      this.#read(shard);
    });
  }

  #read(shard: Shard): void {
    const { scheduler, chaos } = this.#ground;
    shard.batches += 1;
    shard.busy = true;
    const records = shard.backlog.splice(0, MOST_RECORDS);
    const name = `${shard.name} ${shard.batches}`;
    const again = chaos.at(`${name} twice`, ["stream-repeated"]);
    if (again !== undefined)
      scheduler.after(again.value, () => this.#invoke(`${name} again`, records, () => undefined));
    this.#invoke(name, records, (failed) => {
      shard.busy = false;
      if (failed === "died") shard.backlog.unshift(...records);
      else this.#settle(records, failed, 0);
      this.#plan(shard, failed === "died" ? AGAIN_MS : 20);
    });
  }

  #settle(records: readonly StreamRecord[], failed: readonly StreamRecord[], tries: number): void {
    for (const record of records) {
      if (failed.includes(record)) this.#retry(record, tries);
      else this.#watch.relayed(record);
    }
  }

  #retry(record: StreamRecord, tries: number): void {
    if (tries === 0) this.#watch.retried(record);
    this.#ground.scheduler.after(tries === 0 ? RETRY_MS : RETRIED_AGAIN_MS, () => {
      const name = `relay ${record.session} retry ${record.commit.first} ${tries + 1}`;
      this.#invoke(name, [record], (failed) =>
        this.#settle([record], failed === "died" ? [record] : failed, tries + 1),
      );
    });
  }

  #invoke(
    name: string,
    records: readonly StreamRecord[],
    ended: (failed: readonly StreamRecord[] | "died") => void,
  ): void {
    const worker = new Worker(name, this.#ground);
    const relay = this.#relayOf(worker);
    const limit = this.#ground.scheduler.after(FUNCTION_TIMEOUT_MS.relay, () => {
      worker.stop();
      ended("died");
    });
    worker.start(
      () => relay(records),
      (outcome) => {
        limit.happening = undefined;
        ended(outcome.type === "ok" ? outcome.value : "died");
      },
    );
  }
}
