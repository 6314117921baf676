import type { Commit } from "#core/session/commit.ts";
import {
  COMMITS_WORTH_A_SNAPSHOT,
  MAX_COMMIT_BYTES,
  MAX_COMMITS_BETWEEN_SNAPSHOTS,
  MAX_INLINE_SNAPSHOT_BYTES,
} from "#core/session/limits.ts";
import type { SessionState } from "#core/session/state.ts";
import { utf8Length } from "#core/json.ts";
import { blobName, type NamingPorts } from "./blob-name.ts";
import type { Engine } from "./engine.ts";
import type { LoadedSession } from "./load-session.ts";

export interface WrittenCommit {
  readonly content: Commit;
  /** Its one text. */
  readonly text: string;
}

export interface SnapshotQuestion {
  /** Of the commit's text, in UTF-8. */
  readonly bytes: number;
  /** What readers fold before this commit. */
  readonly tail: LoadedSession["tail"];
  /** The state after it. */
  readonly state: SessionState;
}

/**
 * Adds the state to a commit when readers would otherwise fold as many bytes as the state has, and at the latest when
 * they would fold the most commits allowed: so neither writing nor reading grows with the session.
 */
export async function withSnapshot(
  engine: NamingPorts & Pick<Engine, "blobs">,
  bare: WrittenCommit,
  { bytes, tail, state }: SnapshotQuestion,
): Promise<WrittenCommit> {
  const overdue = tail.commits + 1 >= MAX_COMMITS_BETWEEN_SNAPSHOTS;
  if (!overdue && tail.commits < COMMITS_WORTH_A_SNAPSHOT) return bare;
  const text = JSON.stringify(state);
  if (!overdue && tail.bytes + bytes < text.length) return bare;
  const size = utf8Length(text);
  if (size <= MAX_INLINE_SNAPSHOT_BYTES && bytes + size <= MAX_COMMIT_BYTES)
    return withLastField(bare, state, text);
  const blob = await blobName(engine, "snapshots", bare.content, text);
  await engine.blobs.put(blob, text);
  return withLastField(bare, { blob }, JSON.stringify({ blob }));
}

/** Writes the snapshot behind what is written already: the state is turned into text once only. */
function withLastField(
  { content, text }: WrittenCommit,
  snapshot: NonNullable<Commit["snapshot"]>,
  snapshotText: string,
): WrittenCommit {
  return { content: { ...content, snapshot }, text: `${text.slice(0, -1)},"snapshot":${snapshotText}}` };
}
