import type { SessionKey } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import type { Tombstone } from "#core/session/tombstone.ts";
import { sessionKeyText } from "#core/ids.ts";
import type { DeliveryProgress } from "#ports/publish.ts";
import type { ExpiringBlobs, ExpiringLog } from "#ports/retention.ts";
import type { KeyEraser } from "#ports/secrets.ts";
import type { Scores } from "#ports/scores.ts";
import type { SessionIndex } from "#ports/session-index.ts";
import type { StoredCommit } from "#ports/session-log.ts";

export interface PurgePorts {
  readonly log: ExpiringLog;
  readonly blobs: ExpiringBlobs;
  readonly keys: Pick<KeyEraser, "remove">;
  readonly progress: Pick<DeliveryProgress, "remove">;
  /** The list of sessions. @default there is none */
  readonly rows?: Pick<SessionIndex, "close" | "remove">;
  /** @default nothing is scored */
  readonly scores?: Pick<Scores, "erase">;
}

/** Where a session's large texts stand, other than those of commits. */
const BLOBS = ["snapshots", "views"] as const;

/**
 * Removes all that a tombstone stands for. Newest first, so that whatever is left at any moment is a log from its beginning;
 * a commit's markers before the commit that tells of them. Cut short anywhere, it is done again from where it stopped.
 */
export async function purge(ports: PurgePorts, tombstone: Tombstone): Promise<void> {
  const { log, blobs, keys, progress, rows, scores } = ports;
  const key: SessionKey = { tenant: tombstone.tenant, session: tombstone.session };
  await purgeBlobs(blobs, key);
  await progress.remove(key);
  await rows?.remove(key);
  await scores?.erase(key);
  for (let before = tombstone.first; ;) {
    const page = await log.readUpTo(key, before - 1);
    const [oldest] = page;
    if (oldest === undefined) break;
    await log.removeMarkers(
      key,
      page.flatMap((stored) => markedIn(key, stored)),
    );
    await log.removeCommits(key, tombstone.first, page.map(({ first }) => first).toReversed());
    before = oldest.first;
  }
  // Nothing refers to them any more. Before that, a commit could not be read again after a crash.
  await blobs.removeAll(`commits/${sessionKeyText(key)}/`);
  // Last of all: with its key what is left of a session can be read.
  await keys.remove(key);
}

/** Removes the large texts of a session beside its commits. */
export async function purgeBlobs(blobs: Pick<ExpiringBlobs, "removeAll">, key: SessionKey): Promise<void> {
  for (const kind of BLOBS) await blobs.removeAll(`${kind}/${sessionKeyText(key)}/`);
}

/** Inputs that may have a marker. What cannot be read has been read when the tombstone was written, or is of no use. */
function markedIn(key: SessionKey, stored: StoredCommit) {
  try {
    return parseCommit(key, stored).inputs.filter(({ kind }) => MARKED.has(kind));
  } catch {
    return [];
  }
}

const MARKED: ReadonlySet<string> = new Set(["event", "human", "command", "letter"]);
