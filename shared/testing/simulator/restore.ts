import type { SessionKey } from "#core/ids.ts";
import { createMemorySessionLog, type MemorySessionLog } from "#memory/memory-session-log.ts";
import type { Marker, SessionLog } from "#ports/session-log.ts";
import { keyOf } from "./names.ts";
import type { Appended, SessionRecord } from "./observations.ts";

/** A table of which an earlier moment can be made again. */
export class RestorableLog {
  /** The table that workers are given now. Those at work keep the one that they were given. */
  log: SessionLog;
  #current: MemorySessionLog;
  readonly #markers: {
    readonly at: number;
    readonly key: SessionKey;
    readonly markers: readonly Marker[];
  }[] = [];
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
    this.#current = restored;
    this.log = this.#watched(restored);
    return kept;
  }

  #watched(log: MemorySessionLog): SessionLog {
    return {
      ...log,
      writeMarkers: (key, markers) => {
        if (log === this.#current) this.#markers.push({ at: this.#now(), key, markers });
        return log.writeMarkers(key, markers);
      },
    };
  }
}
