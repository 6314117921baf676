import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { SpineError } from "#core/errors.ts";
import { isTombstone } from "#core/session/tombstone.ts";
import type { ExpiringLog } from "#ports/retention.ts";
import type { EnumerableSessionLog, Marker, StoredCommit, StreamRecord } from "#ports/session-log.ts";
import { CommitRow } from "./commit-row.ts";
import { createMemoryFlowLibrary } from "./memory-flow-library.ts";

export interface MemorySessionLog extends EnumerableSessionLog, ExpiringLog {
  /** Calls the listener with every commit, and no tombstone, in order of appending, before the append is acknowledged. */
  onAppend(listener: (record: StreamRecord) => void): void;
}

interface StoredSession {
  readonly key: SessionKey;
  readonly commits: CommitRow;
  readonly markers: Map<string, Marker>;
}

const NOTHING: readonly StoredCommit[] = Object.freeze([]);
// Two free texts become one key; a length in front keeps ("a", "bc") and ("ab", "c") apart.
const markerKey = (source: string, id: string): string => `${source.length}:${source}${id}`;

/** A session log in memory. What it hands out is frozen, so a caller cannot change what is stored. */
export function createMemorySessionLog(): MemorySessionLog {
  const sessions = new Map<string, StoredSession>();
  const listeners: ((record: StreamRecord) => void)[] = [];

  const commitsOf = (key: SessionKey) => sessions.get(sessionKeyText(key))?.commits;

  function open(key: SessionKey): StoredSession {
    const text = sessionKeyText(key);
    let stored = sessions.get(text);
    if (stored === undefined) {
      const own = Object.freeze({ tenant: key.tenant, session: key.session });
      stored = { key: own, commits: new CommitRow(), markers: new Map() };
      sessions.set(text, stored);
    }
    return stored;
  }

  return {
    flows: createMemoryFlowLibrary(),
    readings: { commits: new WeakMap(), states: new WeakMap() },
    async readTail(key) {
      return commitsOf(key)?.tail() ?? NOTHING;
    },
    async readAfter(key, sequence, limit) {
      return commitsOf(key)?.after(sequence, limit) ?? NOTHING;
    },
    async readUpTo(key, sequence) {
      return commitsOf(key)?.upTo(sequence) ?? NOTHING;
    },
    async append(key, { first, last, text, snapshot }) {
      const stored = open(key);
      const commit = Object.freeze({ first, last, text, snapshot });
      if (!stored.commits.insert(commit)) return "conflict";
      if (!isTombstone(text)) for (const listener of listeners) listener({ ...stored.key, commit });
      return commit;
    },
    async readMarker(key, source, id) {
      return sessions.get(sessionKeyText(key))?.markers.get(markerKey(source, id));
    },
    async writeMarkers(key, markers) {
      const stored = open(key);
      for (const { source, id, hash, sequence } of markers) {
        stored.markers.set(markerKey(source, id), Object.freeze({ source, id, hash, sequence }));
      }
    },
    async removeCommits(key, tombstone, firsts) {
      const commits = commitsOf(key);
      const [stands] = commits?.after(tombstone - 1, 1) ?? [];
      if (stands?.first !== tombstone || !isTombstone(stands.text))
        throw new SpineError("internal", `Commit ${tombstone} of ${sessionKeyText(key)} has no tombstone.`);
      for (const first of firsts) if (first < tombstone) commits?.remove(first);
    },
    async removeMarkers(key, ids) {
      const markers = sessions.get(sessionKeyText(key))?.markers;
      for (const { source, id } of ids) markers?.delete(markerKey(source, id));
    },
    async sessions() {
      return [...sessions.values()].filter(({ commits }) => commits.size > 0).map(({ key }) => key);
    },
    onAppend(listener) {
      listeners.push(listener);
    },
  };
}
