import { isSpineError, messageOf, SpineError } from "#core/errors.ts";
import type { HashedFlow } from "#core/flow/plan.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Commit } from "#core/session/commit.ts";
import type { FlowBook } from "#core/session/decide/draft.ts";
import { foldCommit } from "#core/session/evolve.ts";
import { foldCommits } from "#core/session/fold.ts";
import { flowsOfRuns, type SessionState } from "#core/session/state.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import { flowsApart, FLOWS_APART_FORM, flowsWithin } from "#core/session/stored-flows.ts";
import type { Engine } from "./engine.ts";
import { createKnownFlows, missingFlow, type KnownFlows } from "./known-flows.ts";
import { readCommit } from "./read-commit.ts";

type Stores = Pick<Engine, "log" | "blobs">;

/** A session as its newest commits tell it. */
export interface LoadedSession {
  readonly state: SessionState;
  /** Hash of the last commit; empty for a new session. */
  readonly hash: string;
  /** Commits since the newest snapshot, and their bytes. */
  readonly tail: { readonly commits: number; readonly bytes: number };
  /** Characters of the texts that the state was folded from, its snapshot included. */
  readonly size: number;
}

/**
 * Reads and folds a session. Throws `session.unreadable` where the log cannot be folded, and `log.other-version`, retryable,
 * where only a newer version can fold it.
 */
export async function loadSession(
  engine: Stores & Pick<Engine, "digest">,
  key: SessionKey,
): Promise<LoadedSession> {
  const stored = await readable(key, () => engine.log.readTail(key));
  const { state, apart } = await readable(key, () => foldRead(engine, key, stored));
  const last = stored.at(-1);
  const since = stored.slice(stored.findLastIndex(({ snapshot }) => snapshot) + 1);
  return {
    state,
    hash: last === undefined ? "" : (last.hash ?? engine.digest.sha256(last.text)),
    tail: { commits: since.length, bytes: charactersOf(since) },
    size: charactersOf(stored) + apart,
  };
}

const charactersOf = (stored: readonly StoredCommit[]): number =>
  stored.reduce((sum, { text }) => sum + text.length, 0);

interface Folded {
  readonly state: SessionState;
  /** Characters of a snapshot that was read from a blob. */
  readonly apart: number;
}

/** Folds stored commits that reach back to a snapshot or to the beginning. */
export async function foldStored(
  stores: Stores,
  key: SessionKey,
  stored: readonly StoredCommit[],
): Promise<SessionState> {
  return (await foldRead(stores, key, stored)).state;
}

async function foldRead(
  { log, blobs }: Stores,
  key: SessionKey,
  stored: readonly StoredCommit[],
): Promise<Folded> {
  const { states } = log.readings ?? {};
  const last = stored.at(-1);
  const known = last && states?.get(last);
  if (isOf(known, key)) return { state: known, apart: 0 };
  const before = stored.at(-2);
  const start = before && states?.get(before);
  const folded =
    last !== undefined && !last.snapshot && isOf(start, key) && start.sequence === last.first - 1
      ? { state: foldable(key, () => foldCommit(start, readCommit(log, key, last))), apart: 0 }
      : await foldAnew({ log, blobs }, key, stored);
  if (last !== undefined) states?.set(last, folded.state);
  return folded;
}

const isOf = (state: SessionState | undefined, { tenant, session }: SessionKey): state is SessionState =>
  state?.tenant === tenant && state.session === session;

async function foldAnew(
  { log, blobs }: Stores,
  key: SessionKey,
  stored: readonly StoredCommit[],
): Promise<Folded> {
  const commits = stored.map((one) => readCommit(log, key, one));
  const newest = commits.findLast(({ snapshot }) => snapshot !== undefined);
  const fetched =
    newest?.snapshot !== undefined && "blob" in newest.snapshot
      ? await readSnapshot(blobs, newest.snapshot.blob)
      : undefined;
  const state = foldable(key, () =>
    foldCommits(key, commits, (commit) => snapshotOf(commit, newest, fetched?.state)),
  );
  return { state, apart: fetched?.characters ?? 0 };
}

function foldable(key: SessionKey, fold: () => SessionState): SessionState {
  try {
    return fold();
  } catch (error) {
    if (isSpineError(error)) throw error;
    // Folding is pure: it stumbles over what the commits hold.
    throw corrupt(`The commits of ${sessionKeyText(key)} cannot be folded: ${messageOf(error)}.`, error);
  }
}

/** Whatever is wrong with a log, its readers are told one thing: this session cannot be read. A newer version may be able to. */
export async function readable<T>(key: SessionKey, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    // Whoever decodes may run out of stack, which no later try changes.
    if (!isSpineError(error, "log.corrupt") && !(error instanceof RangeError)) throw error;
    throw new SpineError(
      "session.unreadable",
      `The log of ${sessionKeyText(key)} cannot be read: ${error.message}`,
      { cause: error, ...(isSpineError(error) && { problems: error.problems }) },
    );
  }
}

const corrupt = (message: string, cause?: unknown): SpineError =>
  new SpineError("log.corrupt", message, { cause });

function snapshotOf(
  commit: Commit,
  newest: Commit | undefined,
  fetched: SessionState | undefined,
): SessionState | undefined {
  if (commit !== newest || commit.snapshot === undefined) return undefined;
  return "blob" in commit.snapshot ? fetched : commit.snapshot;
}

async function readSnapshot(blobs: Engine["blobs"], key: string) {
  const text = await blobs.get(key);
  if (text === undefined) throw corrupt(`The snapshot ${key} is missing.`);
  try {
    // Written by us under the hash of its text.
    return { state: JSON.parse(text) as SessionState, characters: text.length };
  } catch (error) {
    throw corrupt(`The snapshot ${key} is not JSON: ${messageOf(error)}.`, error);
  }
}

/**
 * The flows that deciding on a session may need: the application's, and for runs that started under an older version
 * the one that the session's log names or holds. Who looks back names those that no run of the state has, by their hashes.
 */
export function createFlowBooks(
  engine: Pick<Engine, "log" | "digest"> & { readonly application: FlowBook },
  known: KnownFlows = createKnownFlows(engine),
): (key: SessionKey, state: SessionState, more?: readonly string[]) => Promise<FlowBook> {
  const older = new Map<string, HashedFlow>();
  const { application } = engine;
  return async (key, state, more = []) => {
    // Apart from what is kept for later, which another session may have cleared by the time this one decides.
    const own = new Map<string, HashedFlow>();
    for (const hash of [...flowsOfRuns(state), ...more]) {
      if (application.byHash(hash) !== undefined || own.has(hash)) continue;
      const flow =
        older.get(hash) ?? (await readable(key, () => readFlow({ ...engine, known }, key, state, hash)));
      own.set(hash, flow);
      if (older.size >= MAX_KEPT_FLOWS) older.clear();
      older.set(hash, flow);
    }
    return {
      byTrigger: (type) => application.byTrigger(type),
      byHash: (hash) => application.byHash(hash) ?? own.get(hash),
    };
  };
}

const MAX_KEPT_FLOWS = 200;

async function readFlow(
  { log, known }: Pick<Engine, "log"> & { readonly known: KnownFlows },
  key: SessionKey,
  { form = 1, flows, sequence: last }: SessionState,
  hash: string,
): Promise<HashedFlow> {
  // Of a session that names flows, only those of its older commits are not in the library. One that is about to begin names all of its own.
  const found = form >= FLOWS_APART_FORM || last === 0 ? await known.find(hash) : undefined;
  if (found !== undefined) return found;
  const sequence = flows[hash] ?? 0;
  const stored = (await log.readUpTo(key, sequence)).at(-1);
  const commit = stored === undefined ? undefined : readCommit(log, key, stored);
  const within = commit && flowsWithin(commit).find((flow) => flow.hash === hash);
  if (within !== undefined) return within;
  if (commit !== undefined && flowsApart(commit).includes(hash)) throw missingFlow(hash);
  throw corrupt(`Flow ${hash} is not at sequence ${sequence} of ${sessionKeyText(key)}.`);
}
