import type { SessionKey } from "#core/ids.ts";
import { parseSessionKey } from "#core/ids.ts";
import { hasSealed } from "#core/session/personal/markers.ts";
import type { Blobs } from "#ports/blobs.ts";
import type { Digest } from "#ports/secrets.ts";
import type { SessionLog, StoredCommit } from "#ports/session-log.ts";
import type { Sealing } from "./sealing.ts";

/** A log that stores personal values sealed, and hands commits out open, each with the hash of what is stored. */
export function sealedLog(log: SessionLog, sealing: Sealing, digest: Digest): SessionLog {
  const open = async (key: SessionKey, stored: StoredCommit): Promise<StoredCommit> => {
    if (!hasSealed(stored.text)) return stored;
    return { ...stored, text: await sealing.open(key, stored.text), hash: digest.sha256(stored.text) };
  };
  const openAll = async (key: SessionKey, reading: Promise<readonly StoredCommit[]>) => {
    const opened: StoredCommit[] = [];
    for (const stored of await reading) opened.push(await open(key, stored));
    return opened;
  };
  // What readers without keys made of a commit is sealed.
  const { readings: _, ...stored } = log;
  return {
    ...stored,
    readTail: (key) => openAll(key, log.readTail(key)),
    readAfter: (key, sequence, limit) => openAll(key, log.readAfter(key, sequence, limit)),
    readUpTo: (key, sequence) => openAll(key, log.readUpTo(key, sequence)),
    append: async (key, commit) => {
      const text = await sealing.commit(key, commit.text);
      const appended = await log.append(key, { ...commit, text });
      if (appended === "conflict" || text === commit.text) return appended;
      // Nothing is opened that was sealed a moment ago.
      return { ...appended, text: commit.text, hash: digest.sha256(appended.text) };
    },
  };
}

const SNAPSHOT = /^snapshots\/([^/]+)\/([^/]+)\//;

/** Snapshots are stored sealed. Views are read by agents, by a link and without any key: they are stored as they are. */
export function sealedBlobs(blobs: Blobs, sealing: Sealing): Blobs {
  const keyOf = (name: string): SessionKey | undefined => {
    const [, tenant, session] = SNAPSHOT.exec(name) ?? [];
    return tenant === undefined ? undefined : parseSessionKey({ tenant, session });
  };
  return {
    link: (name, forMs) => blobs.link(name, forMs),
    async put(name, text) {
      const key = keyOf(name);
      await blobs.put(name, key === undefined ? text : await sealing.snapshot(key, text));
    },
    async get(name) {
      const [key, text] = [keyOf(name), await blobs.get(name)];
      return key === undefined || text === undefined ? text : sealing.open(key, text);
    },
  };
}
