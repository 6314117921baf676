import type { DatabaseSync } from "node:sqlite";
import { TOMBSTONE_HEAD } from "#core/session/tombstone.ts";
import type { StreamRecord } from "#ports/session-log.ts";
import { commitOf, keyOf, number, type Row } from "./rows.ts";
import { onFile } from "./sqlite-errors.ts";

/** A commit with its position in the order of appending over all sessions. */
export interface PositionedRecord extends StreamRecord {
  readonly position: number;
}

/** How far the commits have been relayed; kept in the file, so that a restart goes on where the last process stopped. */
export interface RelayCursor {
  /** The commits after the cursor in the order of appending, at most `limit`. */
  unrelayed(limit: number): readonly PositionedRecord[];
  /** Everything up to `position` is relayed. The cursor never goes back. */
  markRelayed(position: number): void;
}

export function createRelayCursor(db: DatabaseSync, file: string): RelayCursor {
  const select = db.prepare(
    `SELECT * FROM commits WHERE position > (SELECT relayed FROM spine) AND substr(text, 1, ${TOMBSTONE_HEAD.length}) <> '${TOMBSTONE_HEAD}'
     ORDER BY position LIMIT ?`,
  );
  const update = db.prepare("UPDATE spine SET relayed = ?1 WHERE relayed < ?1");
  return {
    unrelayed: (limit) => onFile(file, () => select.all(limit)).map(positionedRecordOf),
    markRelayed: (position) => void onFile(file, () => update.run(position)),
  };
}

function positionedRecordOf(row: Row): PositionedRecord {
  return { ...keyOf(row), commit: commitOf(row), position: number(row, "position") };
}
