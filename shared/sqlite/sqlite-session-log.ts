import type { SessionKey } from "#core/ids.ts";
import { SpineError } from "#core/errors.ts";
import { isTombstone } from "#core/session/tombstone.ts";
import type { ExpiringBlobs, ExpiringLog } from "#ports/retention.ts";
import type { Scores } from "#ports/scores.ts";
import type { EnumerableSessionLog, StoredCommit } from "#ports/session-log.ts";
import { openDatabase } from "./open-database.ts";
import { createRelayCursor, type PositionedRecord, type RelayCursor } from "./relay-cursor.ts";
import { RecentCommits } from "./recent-commits.ts";
import { commitOf, keyOf, number, text } from "./rows.ts";
import { createSqliteBlobs } from "./sqlite-blobs.ts";
import { createSqliteScores } from "./sqlite-scores.ts";
import { FLOWS } from "./keys.ts";
import { onFile } from "./sqlite-errors.ts";
import { createWriteGroup } from "./write-group.ts";

export interface SqliteSessionLog extends EnumerableSessionLog, ExpiringLog, RelayCursor {
  /** Blobs in the same file. */
  readonly blobs: ExpiringBlobs;
  /** Scores in the same file. */
  readonly scores: Scores;
  /** A random secret for tokens, made once and kept in the file. */
  secret(): string;
  /** Calls the listener with every commit, and no tombstone, in order of appending, once it is durable and before it is acknowledged. */
  onAppend(listener: (record: PositionedRecord) => void): void;
  /** Commits what waits and gives the file free. */
  close(): void;
}

// JSON keeps the two texts apart, and keeps characters that UTF-8 cannot carry (lone surrogates).
const markerInput = (source: string, id: string): string => JSON.stringify([source, id]);

/**
 * Opens a session log in one file, which it creates where there is none. An acknowledged append survives the end of the
 * process and a loss of power. The file belongs to one process at a time: a second one gets `log.unavailable`.
 */
export function openSqliteSessionLog(file: string): SqliteSessionLog {
  const db = openDatabase(file);
  const writes = createWriteGroup(db, file);
  const listeners: ((record: PositionedRecord) => void)[] = [];
  const recent = new RecentCommits();

  const insert = db.prepare(
    "INSERT INTO commits (tenant, session, first, last, snapshot, text) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const selectUpTo = db.prepare(
    `SELECT first, last, snapshot, text FROM commits
     WHERE tenant = ?1 AND session = ?2 AND first <= ?3 AND first >= ifnull(
       (SELECT max(first) FROM commits WHERE tenant = ?1 AND session = ?2 AND first <= ?3 AND snapshot = 1), 0)
     ORDER BY first`,
  );
  const selectAfter = db.prepare(
    `SELECT first, last, snapshot, text FROM commits
     WHERE tenant = ? AND session = ? AND first > ? ORDER BY first LIMIT ?`,
  );
  const selectSessions = db.prepare(
    "SELECT tenant, session FROM commits GROUP BY tenant, session ORDER BY min(position)",
  );
  const selectMarker = db.prepare(
    "SELECT hash, sequence FROM markers WHERE tenant = ? AND session = ? AND input = ?",
  );
  const putMarker = db.prepare(
    "INSERT OR REPLACE INTO markers (tenant, session, input, hash, sequence) VALUES (?, ?, ?, ?, ?)",
  );
  const selectText = db.prepare("SELECT text FROM commits WHERE tenant = ? AND session = ? AND first = ?");
  const removeCommit = db.prepare("DELETE FROM commits WHERE tenant = ? AND session = ? AND first = ?");
  const removeMarker = db.prepare("DELETE FROM markers WHERE tenant = ? AND session = ? AND input = ?");
  const selectSecret = db.prepare("SELECT secret FROM spine");

  const readUpTo = ({ tenant, session }: SessionKey, sequence: number): readonly StoredCommit[] =>
    onFile(file, () => selectUpTo.all(tenant, session, sequence)).map(commitOf);

  const readTail = (key: SessionKey): readonly StoredCommit[] => {
    const commits = readUpTo(key, Number.MAX_SAFE_INTEGER);
    recent.keep(key, commits);
    return commits;
  };

  const blobs = createSqliteBlobs(db, file, writes);

  return {
    ...createRelayCursor(db, file),
    blobs,
    scores: createSqliteScores(db, file, writes),
    flows: {
      put: (hash, flow) => blobs.put(FLOWS + hash, flow),
      get: (hash) => blobs.get(FLOWS + hash),
    },
    readings: { commits: new WeakMap() },
    async readUpTo(key, sequence) {
      return readUpTo(key, sequence);
    },
    async readTail(key) {
      return recent.tail(key) ?? readTail(key);
    },
    async readAfter(key, sequence, limit) {
      const { tenant, session } = key;
      const known = recent.after(key, sequence);
      if (known !== undefined) return known.slice(0, limit);
      return onFile(file, () =>
        selectAfter.all(tenant, session, sequence, Math.min(limit, Number.MAX_SAFE_INTEGER)),
      ).map(commitOf);
    },
    async append(key, { first, last, text, snapshot }) {
      const { tenant, session } = key;
      const commit: StoredCommit = Object.freeze({ first, last, text, snapshot });
      const run = () => {
        const { changes, lastInsertRowid } = insert.run(tenant, session, first, last, snapshot ? 1 : 0, text);
        return changes === 1 ? Number(lastInsertRowid) : undefined;
      };
      const position = await writes.write(run, (place) => {
        if (place === undefined) return;
        recent.add(key, commit);
        if (isTombstone(text)) return;
        const record = { tenant, session, commit, position: place };
        for (const listener of listeners) listener(record);
      });
      return position === undefined ? "conflict" : commit;
    },
    async readMarker({ tenant, session }, source, id) {
      const row = onFile(file, () => selectMarker.get(tenant, session, markerInput(source, id)));
      if (row === undefined) return undefined;
      return { source, id, hash: text(row, "hash"), sequence: number(row, "sequence") };
    },
    async writeMarkers({ tenant, session }, markers) {
      await writes.write(() => {
        for (const { source, id, hash, sequence } of markers) {
          putMarker.run(tenant, session, markerInput(source, id), hash, sequence);
        }
      });
    },
    async removeCommits(key, tombstone, firsts) {
      const { tenant, session } = key;
      const stands = onFile(file, () => selectText.get(tenant, session, tombstone));
      if (stands === undefined || !isTombstone(text(stands, "text")))
        throw new SpineError("internal", `Commit ${tombstone} of ${tenant}/${session} has no tombstone.`);
      const older = firsts.filter((first) => first < tombstone);
      await writes.write(
        () => {
          for (const first of older) removeCommit.run(tenant, session, first);
        },
        () => recent.forget(key),
      );
    },
    async removeMarkers({ tenant, session }, ids) {
      await writes.write(() => {
        for (const { source, id } of ids) removeMarker.run(tenant, session, markerInput(source, id));
      });
    },
    async sessions() {
      return onFile(file, () => selectSessions.all()).map(keyOf);
    },
    secret: () => text(onFile(file, () => selectSecret.get()) ?? {}, "secret"),
    onAppend: (listener) => void listeners.push(listener),
    close() {
      writes.flush();
      onFile(file, () => db.close());
    },
  };
}
