import type { CompiledFlow, HashedFlow } from "#core/flow/plan.ts";
import type { SessionKey } from "#core/ids.ts";
import { isTombstone } from "#core/session/tombstone.ts";
import { createMemoryDeliveryProgress } from "#memory/memory-delivery-progress.ts";
import { createMemorySessionIndex } from "#memory/memory-session-index.ts";
import { createMemorySessionLog, type MemorySessionLog } from "#memory/memory-session-log.ts";
import type { ExpiringLog } from "#ports/retention.ts";
import type { Marker, StoredCommit } from "#ports/session-log.ts";
import { keyOf } from "./sim-names.ts";
import type { Appended, SessionRecord } from "./observations.ts";

/** A table of which an earlier moment can be made again. */
export class RestorableLog {
  /** The table that workers are given now. Those at work keep the one that they were given. */
  log: ExpiringLog;
  /** How far subscribers have got it; the restored table knows of nothing. */
  progress = createMemoryDeliveryProgress();
  /** The list of the table's sessions: who restores a table begins a new one, and has it told from the log. */
  index = createMemorySessionIndex();
  /** Told of every tombstone that is put on a session of the present table. */
  onTombstone: (key: SessionKey) => void = () => undefined;
  #current: MemorySessionLog;
  readonly #markers: {
    readonly at: number;
    readonly key: SessionKey;
    readonly markers: readonly Marker[];
  }[] = [];
  readonly #tombstones: { readonly at: number; readonly key: SessionKey; readonly stored: StoredCommit }[] =
    [];
  /** What was put into the present table's library. */
  #flows = new Map<string, { readonly at: number; readonly text: string }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.#current = createMemorySessionLog();
    this.log = this.#watched(this.#current);
  }

  /** Is told of every commit of the present table, and of no other. */
  onAppend(listener: Parameters<MemorySessionLog["onAppend"]>[0]): void {
    const own = this.#current;
    own.onAppend((record) => {
      if (own === this.#current) listener(record);
    });
  }

  /** A flow that stands in the present table's library. */
  flow(hash: string): HashedFlow | undefined {
    const text = this.#flows.get(hash)?.text;
    return text === undefined ? undefined : { hash, flow: JSON.parse(text) as CompiledFlow };
  }

  /** Makes a table of what was written by then, as point-in-time recovery does. */
  async restore(
    records: Iterable<SessionRecord>,
    until: number,
  ): Promise<ReadonlyMap<string, readonly Appended[]>> {
    const restored = createMemorySessionLog();
    const kept = new Map<string, readonly Appended[]>();
    for (const { key, appended } of records) {
      const earlier = appended.filter(({ at }) => at <= until);
      kept.set(key, earlier);
      for (const { stored } of earlier) await restored.append(keyOf(key), stored);
    }
    for (const { at, key, markers } of this.#markers)
      if (at <= until) await restored.writeMarkers(key, markers);
    this.#flows = new Map([...this.#flows].filter(([, { at }]) => at <= until));
    for (const [hash, { text }] of this.#flows) await restored.flows.put(hash, text);
    // Retention's own work is behind by then as well: what it had removed is there again.
    for (const { at, key, stored } of this.#tombstones) if (at <= until) await restored.append(key, stored);
    this.#current = restored;
    this.log = this.#watched(restored);
    this.progress = createMemoryDeliveryProgress();
    this.index = createMemorySessionIndex();
    return kept;
  }

  /** When a tombstone was put on the session, if it was by then. */
  expiredBy(session: string, until: number): number | undefined {
    return this.#tombstones.find(({ at, key }) => key.session === session && at <= until)?.at;
  }

  #watched(log: MemorySessionLog): ExpiringLog {
    return {
      ...log,
      flows: {
        ...log.flows,
        put: async (hash, text) => {
          await log.flows.put(hash, text);
          if (log === this.#current && !this.#flows.has(hash))
            this.#flows.set(hash, { at: this.#now(), text });
        },
      },
      append: async (key, stored) => {
        const result = await log.append(key, stored);
        if (result !== "conflict" && isTombstone(stored.text) && log === this.#current) {
          this.#tombstones.push({ at: this.#now(), key, stored });
          this.onTombstone(key);
        }
        return result;
      },
      writeMarkers: (key, markers) => {
        if (log === this.#current) this.#markers.push({ at: this.#now(), key, markers });
        return log.writeMarkers(key, markers);
      },
    };
  }
}
