import type { Commit } from "#core/session/commit.ts";
import {
  MAX_COMMIT_BYTES,
  MAX_COMMITS_BETWEEN_SNAPSHOTS,
  MAX_INLINE_SNAPSHOT_BYTES,
} from "#core/session/limits.ts";
import type { SessionState } from "#core/session/state.ts";
import { sessionKeyText } from "#core/ids.ts";
import { utf8Length } from "#core/json.ts";
import type { Engine } from "./engine.ts";
import type { LoadedSession } from "./load-session.ts";

/** A tail shorter than this is not worth measuring a snapshot against. */
const SHORT_TAIL = 3;

/**
 * Adds the state to a commit when readers would otherwise fold as many bytes as the state has, and at the latest when
 * they would fold the most commits allowed: so neither writing nor reading grows with the session.
 */
export async function withSnapshot(
  engine: Pick<Engine, "blobs" | "digest">,
  commit: Commit,
  bytes: number,
  tail: LoadedSession["tail"],
  state: SessionState,
): Promise<Commit> {
  const overdue = tail.commits + 1 >= MAX_COMMITS_BETWEEN_SNAPSHOTS;
  if (!overdue && tail.commits < SHORT_TAIL) return commit;
  const text = JSON.stringify(state);
  if (!overdue && tail.bytes + bytes < text.length) return commit;
  const size = utf8Length(text);
  if (size <= MAX_INLINE_SNAPSHOT_BYTES && bytes + size <= MAX_COMMIT_BYTES)
    return { ...commit, snapshot: state };
  const blob = `snapshots/${sessionKeyText(commit)}/${engine.digest.sha256(text)}`;
  await engine.blobs.put(blob, text);
  return { ...commit, snapshot: { blob } };
}
