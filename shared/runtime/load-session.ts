import { SpineError } from "#core/errors.ts";
import type { HashedFlow } from "#core/flow/plan.ts";
import type { SessionKey } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import type { Commit } from "#core/session/commit.ts";
import type { FlowBook } from "#core/session/decide/draft.ts";
import { foldCommits } from "#core/session/fold.ts";
import type { SessionState } from "#core/session/state.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import type { Engine } from "./engine.ts";

type Stores = Pick<Engine, "log" | "blobs">;

/** A session as its newest commits tell it. */
export interface LoadedSession {
  readonly state: SessionState;
  /** Hash of the last commit; empty for a new session. */
  readonly hash: string;
  /** Commits since the newest snapshot, and their bytes. */
  readonly tail: { readonly commits: number; readonly bytes: number };
}

/** Reads and folds a session. Throws `session.unreadable` where the log cannot be folded. */
export async function loadSession(
  engine: Stores & Pick<Engine, "digest">,
  key: SessionKey,
): Promise<LoadedSession> {
  const stored = await engine.log.readTail(key);
  const state = await foldStored(engine, key, stored);
  const last = stored.at(-1);
  const since = stored.slice(stored.findLastIndex(({ snapshot }) => snapshot) + 1);
  return {
    state,
    hash: last === undefined ? "" : engine.digest.sha256(last.text),
    tail: { commits: since.length, bytes: since.reduce((sum, { text }) => sum + text.length, 0) },
  };
}

/** Folds stored commits that reach back to a snapshot or to the beginning. */
export async function foldStored(
  { blobs }: Pick<Engine, "blobs">,
  key: SessionKey,
  stored: readonly StoredCommit[],
): Promise<SessionState> {
  const commits = stored.map((one) => parseCommit(key, one));
  const newest = commits.findLast(({ snapshot }) => snapshot !== undefined);
  const fetched =
    newest?.snapshot !== undefined && "blob" in newest.snapshot
      ? await readSnapshot(blobs, newest.snapshot.blob)
      : undefined;
  return foldCommits(key, commits, (commit) => snapshotOf(commit, newest, fetched));
}

function snapshotOf(
  commit: Commit,
  newest: Commit | undefined,
  fetched: SessionState | undefined,
): SessionState | undefined {
  if (commit !== newest || commit.snapshot === undefined) return undefined;
  return "blob" in commit.snapshot ? fetched : commit.snapshot;
}

async function readSnapshot(blobs: Engine["blobs"], key: string): Promise<SessionState> {
  const text = await blobs.get(key);
  if (text === undefined) throw new SpineError("log.corrupt", `The snapshot ${key} is missing.`);
  // Written by us under the hash of its text.
  return JSON.parse(text) as SessionState;
}

const MAX_KEPT_FLOWS = 200;

/**
 * The flows that deciding on a session may need: the application's, and for runs that started under an older version
 * the one that the session's own log holds.
 */
export function createFlowBooks(
  engine: Pick<Engine, "application" | "log">,
): (key: SessionKey, state: SessionState) => Promise<FlowBook> {
  const older = new Map<string, HashedFlow>();
  const { application } = engine;
  const book: FlowBook = {
    byTrigger: (type) => application.byTrigger(type),
    byHash: (hash) => application.byHash(hash) ?? older.get(hash),
  };
  return async (key, state) => {
    for (const { flow: hash } of Object.values(state.runs)) {
      if (book.byHash(hash) !== undefined) continue;
      if (older.size >= MAX_KEPT_FLOWS) older.clear();
      older.set(hash, await readFlow(engine.log, key, hash, state.flows[hash] ?? 0));
    }
    return book;
  };
}

async function readFlow(
  log: Engine["log"],
  key: SessionKey,
  hash: string,
  sequence: number,
): Promise<HashedFlow> {
  const stored = (await log.readUpTo(key, sequence)).at(-1);
  const event =
    stored === undefined
      ? undefined
      : parseCommit(key, stored).events.find((one) => one.sequence === sequence);
  if (event?.type !== "FlowStored" || event.data.hash !== hash) {
    throw new SpineError(
      "log.corrupt",
      `Flow ${hash} is not at sequence ${sequence} of ${key.tenant}/${key.session}.`,
    );
  }
  return event.data;
}
