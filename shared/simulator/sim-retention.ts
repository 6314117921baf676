import type { SessionKey } from "#core/ids.ts";
import { createMemoryRetentionIndex } from "#memory/memory-retention-index.ts";
import type { DueSession, ExpiringBlobs, ExpiringLog } from "#ports/retention.ts";
import type { RelayPorts } from "#runtime/relay/create-relay.ts";
import { createSweep } from "#runtime/retention/create-sweep.ts";
import { createNoteSessions } from "#runtime/retention/note-sessions.ts";
import { EVERY_TENANT } from "#core/by-tenant.ts";
import type { WorkerView } from "./ports.ts";
import { OFFERS, Worker, type Ground } from "./worker.ts";

export interface RetentionSetup {
  readonly ground: Ground;
  readonly blobs: ExpiringBlobs;
  /** The table that workers are given now. */
  readonly table: () => ExpiringLog;
  readonly view: (worker: Worker) => WorkerView;
  /** Forgets the key of a session that has ended. */
  readonly removeKey: (worker: Worker, key: SessionKey) => Promise<void>;
}

/** The schedule's pause. */
const SWEEP_MS = 30_000;

/** Sessions that do not stay for ever, in some runs: often they end between two inputs of theirs. */
export class Retention {
  /** How long they stay. */
  readonly retentionMs: number | undefined;
  readonly #setup: RetentionSetup;
  readonly #index = createMemoryRetentionIndex();
  readonly #noted = new Set<string>();
  #planned = false;
  #sweeps = 0;

  constructor(setup: RetentionSetup) {
    this.#setup = setup;
    this.retentionMs = setup.ground.chaos.at("the retention", ["sessions-expire"])?.value;
  }

  /** What the relay tells of sessions that begin. */
  notes(worker: Worker): Pick<RelayPorts, "retention"> {
    if (this.retentionMs === undefined) return {};
    return { retention: createNoteSessions(this.#indexOf(worker), { [EVERY_TENANT]: this.retentionMs }) };
  }

  #indexOf(worker: Worker) {
    const nameOf = (key: SessionKey, at: number) => `${key.session} ${at}`;
    return {
      due: (now: number) => this.#index.due(now),
      note: (key: SessionKey, at: number) =>
        worker.call("retention.note", OFFERS.write, () => {
          this.#noted.add(nameOf(key, at));
          this.#plan(at - this.#setup.ground.scheduler.now);
          return this.#index.note(key, at);
        }),
      forget: (due: DueSession) =>
        worker.call("retention.forget", OFFERS.write, () => {
          this.#noted.delete(nameOf(due, due.at));
          return this.#index.forget(due);
        }),
    };
  }

  /** One sweep after another, as long as a session is noted. */
  #plan(ms: number): void {
    if (this.#planned || this.#noted.size === 0) return;
    this.#planned = true;
    this.#setup.ground.scheduler.after(Math.max(0, ms), () => this.#sweep());
  }

  #sweep(): void {
    const { ground, view, blobs } = this.#setup;
    const worker = new Worker(`sweep ${++this.#sweeps}`, ground);
    const table = this.#setup.table();
    const { engine, ordered, index: rows } = view(worker);
    const sweep = createSweep({
      ...engine,
      log: {
        ...engine.log,
        removeCommits: (...removed) =>
          worker.call("log.removeCommits", OFFERS.write, () => table.removeCommits(...removed)),
        removeMarkers: (...removed) =>
          worker.call("log.removeMarkers", OFFERS.write, () => table.removeMarkers(...removed)),
      },
      blobs: {
        ...engine.blobs,
        removeAll: (prefix) => worker.call("blobs.removeAll", OFFERS.write, () => blobs.removeAll(prefix)),
      },
      keys: { remove: (key) => this.#setup.removeKey(worker, key) },
      progress: ordered.progress,
      rows,
      index: this.#indexOf(worker),
      times: { [EVERY_TENANT]: this.retentionMs ?? Infinity },
    });
    worker.start(
      () => sweep(Infinity),
      () => {
        this.#planned = false;
        this.#plan(SWEEP_MS);
      },
    );
  }
}
