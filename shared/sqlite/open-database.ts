import { randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { messageOf, SpineError } from "#core/errors.ts";
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from "./schema.ts";
import { onFile } from "./sqlite-errors.ts";

// How long a start waits for a process that is just ending.
const BUSY_TIMEOUT_MS = 1_000;
// The file holds the secret of the tokens.
const OWNER_ONLY = 0o600;

/** Opens a session log's file for this process alone, and makes it where there is none. */
export function openDatabase(file: string): DatabaseSync {
  createIfMissing(file);
  return onFile(file, () => {
    const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    try {
      prepare(db, file);
    } catch (error) {
      db.close();
      throw error;
    }
    return db;
  });
}

function createIfMissing(file: string): void {
  try {
    closeSync(openSync(file, "a", OWNER_ONLY));
  } catch (error) {
    const text = `The session log ${file} cannot be opened: ${messageOf(error)}.`;
    throw new SpineError("log.unavailable", text, { retryable: true, details: { file }, cause: error });
  }
}

function prepare(db: DatabaseSync, file: string): void {
  // Before anything is read: then the lock is taken by the first read and held until the file is closed.
  db.exec("PRAGMA locking_mode = EXCLUSIVE");
  const empty = requireOurs(db, file);
  // FULL: every commit is synced to the disk before it is acknowledged. WAL's default syncs at checkpoints only.
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  if (empty) createSchema(db);
}

/** Refuses another program's file and another version; answers whether the file is still empty. */
function requireOurs(db: DatabaseSync, file: string): boolean {
  const application = pragma(db, "application_id");
  const version = pragma(db, "user_version");
  if (application === APPLICATION_ID) {
    if (version === SCHEMA_VERSION) return false;
    const text = `The session log ${file} has version ${version}; this program reads version ${SCHEMA_VERSION}.`;
    throw new SpineError("log.other-version", text, { details: { file, version } });
  }
  const empty = db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
  if (empty && application === 0 && version === 0) return true;
  const text = `${file} is not a session log: it is the SQLite file of another program. Use another file.`;
  throw new SpineError("log.corrupt", text, { details: { file } });
}

function pragma(db: DatabaseSync, name: "application_id" | "user_version"): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function createSchema(db: DatabaseSync): void {
  db.exec("BEGIN IMMEDIATE");
  db.exec(SCHEMA);
  db.prepare("INSERT INTO spine (secret, relayed) VALUES (?, 0)").run(randomBytes(32).toString("base64url"));
  db.exec("COMMIT");
}
