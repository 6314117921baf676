import type { DatabaseSync } from "node:sqlite";
import { SpineError } from "#core/errors.ts";
import type { ExpiringBlobs } from "#ports/retention.ts";
import { text } from "./rows.ts";
import { onFile } from "./sqlite-errors.ts";
import type { WriteGroup } from "./write-group.ts";

/** Blobs in the session log's file. A link is a data URL: it carries the text, so whoever has the link can read it. */
export function createSqliteBlobs(db: DatabaseSync, file: string, writes: WriteGroup): ExpiringBlobs {
  const select = db.prepare("SELECT text FROM blobs WHERE key = ?");
  const insert = db.prepare("INSERT INTO blobs (key, text) VALUES (?, ?) ON CONFLICT DO NOTHING");

  const removePrefix = db.prepare("DELETE FROM blobs WHERE substr(key, 1, length(?1)) = ?1");

  function read(key: string): string | undefined {
    const row = onFile(file, () => select.get(key));
    return row === undefined ? undefined : text(row, "text");
  }

  return {
    async put(key, stored) {
      await writes.write(() => insert.run(key, stored));
    },
    async get(key) {
      return read(key);
    },
    async removeAll(prefix) {
      await writes.write(() => removePrefix.run(prefix));
    },
    async link(key) {
      const stored = read(key);
      if (stored === undefined) {
        throw new SpineError("internal", `No blob is stored under "${key}". Store it before linking to it.`);
      }
      return `data:text/plain;charset=utf-8;base64,${Buffer.from(stored, "utf8").toString("base64")}`;
    },
  };
}
