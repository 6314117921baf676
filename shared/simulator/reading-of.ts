import type { SessionLog, StoredCommit } from "#ports/session-log.ts";
import type { Engine } from "#runtime/session/engine.ts";
import type { Words } from "./new-words.ts";

/** The log as the newest version of the engine reads it. */
export type Reading = Pick<Engine, "log" | "blobs" | "digest">;

/** Reads a log with the words of who understands everything that is stored. */
export function readingOf(log: SessionLog, words: Words, blobs: Engine["blobs"]): Reading {
  const readAll = async (commits: Promise<readonly StoredCommit[]>) =>
    (await commits).map((one) => words.read(one));
  return {
    log: {
      ...log,
      readTail: (key) => readAll(log.readTail(key)),
      readAfter: (key, sequence, limit) => readAll(log.readAfter(key, sequence, limit)),
      readUpTo: (key, sequence) => readAll(log.readUpTo(key, sequence)),
    },
    blobs,
    digest: words.digest,
  };
}
