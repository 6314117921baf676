import type { StreamRecord } from "#ports/session-log.ts";
import { between } from "./chance.ts";
import { Worker, type Ground } from "./worker.ts";

/** The relay, run by a new worker. */
export type RelayOf = (
  worker: Worker,
) => (records: readonly StreamRecord[]) => Promise<readonly StreamRecord[]>;

interface Shard {
  readonly name: string;
  readonly backlog: StreamRecord[];
  busy: boolean;
  planned: boolean;
  batches: number;
}

const MOST_RECORDS = 10;
const RELAY_TIMEOUT_MS = 30_000;
const RETRY_MS = 1_000;

/** The log's stream: each session's commits in order, at least once; what fails comes again. */
export class LogStream {
  readonly #ground: Ground;
  readonly #relayOf: RelayOf;
  readonly #done: (record: StreamRecord) => void;
  readonly #shards = new Map<string, Shard>();

  constructor(ground: Ground, relayOf: RelayOf, done: (record: StreamRecord) => void) {
    this.#ground = ground;
    this.#relayOf = relayOf;
    this.#done = done;
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

  #plan(shard: Shard, ms: number): void {
    if (shard.busy || shard.planned || shard.backlog.length === 0) return;
    shard.planned = true;
    const stalled = this.#ground.chaos.at(`${shard.name} stall#${shard.batches + 1}`, ["stream-stalled"]);
    this.#ground.scheduler.after(ms + (stalled?.value ?? 0), () => {
      shard.planned = false;
      this.#read(shard);
    });
  }

  #read(shard: Shard): void {
    const { scheduler, chaos } = this.#ground;
    shard.batches += 1;
    shard.busy = true;
    const records = shard.backlog.slice(0, MOST_RECORDS);
    const name = `${shard.name} ${shard.batches}`;
    const again = chaos.at(`${name} twice`, ["stream-repeated"]);
    if (again !== undefined)
      scheduler.after(again.value, () => this.#invoke(`${name} again`, records, () => undefined));
    this.#invoke(name, records, (failed) => {
      shard.busy = false;
      shard.backlog.splice(0, records.length, ...failed);
      for (const record of records) if (!failed.includes(record)) this.#done(record);
      this.#plan(shard, failed.length > 0 ? RETRY_MS : 20);
    });
  }

  #invoke(
    name: string,
    records: readonly StreamRecord[],
    ended: (failed: readonly StreamRecord[]) => void,
  ): void {
    const worker = new Worker(name, this.#ground);
    const relay = this.#relayOf(worker);
    const limit = this.#ground.scheduler.after(RELAY_TIMEOUT_MS, () => {
      worker.stop();
      ended(records);
    });
    worker.start(
      () => relay(records),
      (outcome) => {
        limit.happening = undefined;
        ended(outcome.type === "ok" ? outcome.value : records);
      },
    );
  }
}
