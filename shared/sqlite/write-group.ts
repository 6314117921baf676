import type { DatabaseSync } from "node:sqlite";
import { onFile } from "./sqlite-errors.ts";

export interface WriteGroup {
  /** Resolves once what `run` wrote is on the disk; `committed` is called right before. */
  write<Result>(run: () => Result, committed?: (result: Result) => void): Promise<Result>;
  /** Commits at once all that waits. */
  flush(): void;
}

interface Waiting {
  run(): void;
  succeed(): void;
  fail(error: unknown): void;
}

/**
 * Commits the writes of one turn of the event loop together: a sync to the disk costs milliseconds whatever it
 * carries, and sessions write side by side.
 */
export function createWriteGroup(db: DatabaseSync, file: string): WriteGroup {
  let waiting: Waiting[] = [];

  function flush(): void {
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    try {
      onFile(file, () => commitAll(db, group));
    } catch (error) {
      for (const write of group) write.fail(error);
      return;
    }
    for (const write of group) write.succeed();
  }

  return {
    flush,
    write: (run, committed) =>
      new Promise((resolve, reject) => {
        let finish: () => void;
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({
          run: () => {
            const result = run();
            finish = () => {
              committed?.(result);
              resolve(result);
            };
          },
          succeed: () => {
            try {
              finish();
            } catch (error) {
              reject(error);
            }
          },
          fail: reject,
        });
      }),
  };
}

function commitAll(db: DatabaseSync, group: readonly Waiting[]): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const write of group) write.run();
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
