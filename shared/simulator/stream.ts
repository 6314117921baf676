import { sessionKeyText } from "#core/ids.ts";
import { FUNCTION_TIMEOUT_MS } from "#core/times.ts";
import type { StreamRecord } from "#ports/session-log.ts";
import { KEEP_MS, OUTSIDE_MS, RETRY_SECONDS } from "#runtime/relay/create-relay-batches.ts";
import type { Relay, RelayWork } from "#runtime/relay/relay-work.ts";
import { between } from "#memory/seeded-chance.ts";
import { Spells } from "./spells.ts";
import { Worker, type Ground } from "./worker.ts";

/** The relay, run by a new worker. */
export type RelayOf = (worker: Worker) => Relay;

/** What the stream tells of a record. */
export interface StreamWatch {
  relayed(record: StreamRecord): void;
  /** It goes to the retry queue: later ones no longer wait for it. */
  retried(record: StreamRecord): void;
}

/** Batches of it go one after another. */
interface Lane {
  readonly name: string;
  readonly backlog: RelayWork[];
  busy: boolean;
  planned: boolean;
  batches: number;
}

const MOST_RECORDS = 10;
/** The mapping's ParallelizationFactor: so many batches of a shard side by side. */
const LANES = 2;
/** A batch whose function died comes again from the stream. */
const AGAIN_MS = 1_000;
/** A record that failed comes again from the retry queue: after its delay, then when its visibility runs out. */
const RETRY_MS = RETRY_SECONDS * 1_000;
const RETRIED_AGAIN_MS = 180_000;
const OUTAGE_SPAN_MS = 600_000;

/**
 * The log's stream: every commit at least once, in order for an item only, as DynamoDB and Lambda have it. So commits of one
 * session go side by side and overtake one another. What fails comes again from the retry queue.
 */
export class LogStream {
  readonly #ground: Ground;
  readonly #relayOf: RelayOf;
  readonly #watch: StreamWatch;
  readonly #outage: Spells;
  readonly #lanes = new Map<string, Lane>();
  /** How many tables there were: nothing of an earlier one is relayed by who only knows the present one. */
  #tables = 1;

  constructor(ground: Ground, relayOf: RelayOf, watch: StreamWatch) {
    this.#ground = ground;
    this.#relayOf = relayOf;
    this.#watch = watch;
    this.#outage = new Spells(ground, "stream-outage", OUTAGE_SPAN_MS);
  }

  put(work: RelayWork): void {
    const { seed } = this.#ground;
    const item = `${sessionKeyText(work)} ${work.commit.first}`;
    const name = `relay ${work.session}/${between(seed, `lane of ${item}`, 1, LANES)}`;
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = { name, backlog: [], busy: false, planned: false, batches: 0 };
      this.#lanes.set(name, lane);
    }
    lane.backlog.splice(between(seed, `place of ${item}`, 0, lane.backlog.length), 0, work);
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
        if (table === this.#tables) this.#invoke(`${name} again`, records, OUTSIDE_MS, () => undefined);
      });
    this.#invoke(name, records, OUTSIDE_MS, (failed) => {
      lane.busy = false;
      if (failed !== "died") this.#finish(records, failed, 0, table);
      else if (table === this.#tables) lane.backlog.unshift(...records);
      this.#plan(lane, failed === "died" ? AGAIN_MS : 20);
    });
  }

  #finish(works: readonly RelayWork[], failed: readonly RelayWork[], tries: number, table: number): void {
    for (const work of works) {
      const left = failed.find(({ commit }) => commit === work.commit);
      if (left === undefined) this.#watch.relayed(work);
      else this.#retry(left, tries, table);
    }
  }

  #retry(work: RelayWork, tries: number, table: number): void {
    if (tries === 0) this.#watch.retried(work);
    this.#ground.scheduler.after(tries === 0 ? RETRY_MS : RETRIED_AGAIN_MS, () => {
      if (table !== this.#tables) return;
      const name = `relay ${work.session} retry ${work.commit.first} ${tries + 1}`;
      this.#invoke(name, [work], FUNCTION_TIMEOUT_MS.relay, (failed) =>
        this.#finish([work], failed === "died" ? [work] : failed, tries + 1, table),
      );
    });
  }

  #invoke(
    name: string,
    works: readonly RelayWork[],
    outsideMs: number,
    ended: (failed: readonly RelayWork[] | "died") => void,
  ): void {
    const worker = new Worker(name, this.#ground);
    const relay = this.#relayOf(worker);
    const limit = this.#ground.scheduler.after(FUNCTION_TIMEOUT_MS.relay, () => {
      worker.stop();
      ended("died");
    });
    worker.start(
      () => relay(works, { endsAt: worker.clock.now() + FUNCTION_TIMEOUT_MS.relay - KEEP_MS, outsideMs }),
      (outcome) => {
        limit.happening = undefined;
        ended(outcome.type === "ok" ? outcome.value : "died");
      },
    );
  }
}
