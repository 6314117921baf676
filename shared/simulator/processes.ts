import { between, chance } from "#memory/seeded-chance.ts";
import type { Cipher } from "#ports/secrets.ts";
import { createSessionCache, type SessionCache } from "#runtime/session/session-cache.ts";
import { RelayProcesses } from "./relay-processes.ts";
import type { EngineVersion } from "./releases.ts";
import type { Ground, Worker } from "./worker.ts";

/** A function that advances sessions has up to so many processes at once. */
const MOST_PROCESSES = 3;
/** Of the runs, in which processes try whatever they kept. */
const TRY_ALL = 0.7;

/** A function that advances sessions. */
export type Advancing = "ingress" | "door" | "coordinator";

/** The keys that a process has cached, by their sessions' names, each until its time is over. */
export type CachedKeys = Map<string, { readonly cipher: Cipher; readonly until: number }>;

/** What a process has in memory from one worker to the next. */
export interface Memory {
  readonly cache: SessionCache;
  readonly keys: CachedKeys;
}

/**
 * The processes of the functions that advance sessions: workers run in them one after another, or side by side. What a process has in
 * memory goes with the first worker that dies in it, and it may be old: other processes go on with the same sessions.
 */
export class Processes {
  /** Commits that stood on a kept state, and kept states that were of no use. */
  kept = 0;
  old = 0;
  readonly relays: RelayProcesses;
  readonly #ground: Ground;
  readonly #memories = new Map<string, Memory>();
  /** Deployed ones do not, where others write too: it costs a put now and then, and nothing may depend on it. */
  readonly #tryAll: boolean;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.relays = new RelayProcesses(ground);
    this.#tryAll = chance(ground.seed, "processes try all") < TRY_ALL;
  }

  /** The memory of the process in which a worker runs. */
  of(worker: Worker, duty: Advancing, version: EngineVersion): Memory {
    const place = between(this.#ground.seed, `${worker.name} process`, 1, MOST_PROCESSES);
    const name = `${duty} ${place} ${version.name}`;
    const memory = this.#memories.get(name) ?? this.#create();
    this.#memories.set(name, memory);
    worker.onStop(() => {
      if (this.#memories.get(name) === memory) this.#memories.delete(name);
    });
    return memory;
  }

  /** All functions begin anew, as they do when they are given another table. */
  restart(): void {
    this.#memories.clear();
    this.relays.restart();
  }

  #create(): Memory {
    const clock = { now: () => this.#ground.scheduler.now };
    return {
      cache: this.#counted(createSessionCache({ clock, soleWriter: this.#tryAll })),
      keys: new Map(),
    };
  }

  #counted(cache: SessionCache): SessionCache {
    const taken = new Map<string, number>();
    return {
      ...cache,
      take: (key) => {
        const session = cache.take(key);
        if (session !== undefined) taken.set(key.session, session.readAt);
        return session;
      },
      keep: (key, session) => {
        const readAt = taken.get(key.session);
        taken.delete(key.session);
        if (readAt === session.readAt) this.kept += 1;
        else if (readAt !== undefined) this.old += 1;
        cache.keep(key, session);
      },
    };
  }
}
