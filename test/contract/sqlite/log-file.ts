import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openSqliteSessionLog, type SqliteSessionLog } from "#sqlite/sqlite-session-log.ts";

/** The path of a file that does not exist yet, in a directory that is removed with the test. */
export function freshFile(): string {
  const directory = mkdtempSync(join(tmpdir(), "spine-log-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, "spine.db");
}

/** Opens a log that is closed with the test, unless the test closes it. */
export function openForTest(file: string): SqliteSessionLog {
  const log = openSqliteSessionLog(file);
  let open = true;
  const close = () => {
    if (open) log.close();
    open = false;
  };
  onTestFinished(close);
  return { ...log, close };
}
