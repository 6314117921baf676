import type { DatabaseSync } from "node:sqlite";
import type { KeptScore } from "#core/scoring/kept-score.ts";
import { scoreOrder } from "#core/scoring/kept-score.ts";
import type { Scores } from "#ports/scores.ts";
import { text } from "./rows.ts";
import { onFile } from "./sqlite-errors.ts";
import type { WriteGroup } from "./write-group.ts";

/** Made where it is missing: files of before have none, and programs of before pass over it. */
const TABLE = `
  CREATE TABLE IF NOT EXISTS scores (
    tenant TEXT NOT NULL,
    session TEXT NOT NULL,
    score_order TEXT NOT NULL,
    score TEXT NOT NULL,
    PRIMARY KEY (tenant, session, score_order)
  ) STRICT, WITHOUT ROWID;
`;

/** Scores in the session log's file. Nothing expires. */
export function createSqliteScores(db: DatabaseSync, file: string, writes: WriteGroup): Scores {
  onFile(file, () => db.exec(TABLE));
  const insert = db.prepare(
    "INSERT INTO scores (tenant, session, score_order, score) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const select = db.prepare(
    "SELECT score FROM scores WHERE tenant = ? AND session = ? AND score_order > ? ORDER BY score_order LIMIT ?",
  );
  const remove = db.prepare("DELETE FROM scores WHERE tenant = ? AND session = ?");
  return {
    async put({ tenant, session }, score) {
      await writes.write(() => insert.run(tenant, session, scoreOrder(score), JSON.stringify(score)));
    },
    async read({ tenant, session }, { after = "", limit }) {
      const rows = onFile(file, () => select.all(tenant, session, after, limit));
      // Written by us.
      return rows.map((row) => JSON.parse(text(row, "score")) as KeptScore);
    },
    async erase({ tenant, session }) {
      await writes.write(() => remove.run(tenant, session));
    },
  };
}
