import type { SessionKey } from "#core/ids.ts";
import type { Commit } from "#core/session/commit.ts";
import type { Input } from "#core/session/input.ts";
import type { SessionState, TaskPhase } from "#core/session/state.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import type { Engine } from "./engine.ts";
import { loadSession } from "./load-session.ts";
import type { CachedSession, SessionCache } from "./session-cache.ts";

/** What deciding starts from: the session as it was read a moment ago, or as this process left it. */
export interface StartedSession extends CachedSession {
  /** Its log was not read for this: others may have committed since. */
  readonly cached: boolean;
}

/** The session as this process left it, where that may still be its newest state; as its log has it otherwise. */
export async function startSession(
  engine: Engine,
  key: SessionKey,
  inputs: readonly Input[],
): Promise<StartedSession> {
  const cached = await takeCached(engine, key, inputs);
  return cached === undefined ? readSession(engine, key) : { ...cached, cached: true };
}

export async function readSession(engine: Engine, key: SessionKey): Promise<StartedSession> {
  const readAt = engine.clock.now();
  const session = await loadSession(engine, key);
  return { ...session, readAt, cipher: await engine.personal?.cachedKey(key), cached: false };
}

/** A state with opened values is gone on from as long as the process has the key that opened them. */
async function takeCached(
  { cache, personal }: Engine,
  key: SessionKey,
  inputs: readonly Input[],
): Promise<CachedSession | undefined> {
  const cached = cache?.take(key);
  if (cache === undefined || cached === undefined || !isWorthATry(cache, cached, inputs)) return undefined;
  return cached.cipher === (await personal?.cachedKey(key)) ? cached : undefined;
}

/**
 * A put that loses costs more than the read that it saved. Where others write the log too, only an answer or a claim speaks for a state:
 * its task was dispatched by a commit that the state knows.
 */
const isWorthATry = (
  { soleWriter }: SessionCache,
  { state }: CachedSession,
  inputs: readonly Input[],
): boolean => soleWriter || inputs.every((input) => isKnownTo(state, input));

const AT_WORK: ReadonlySet<TaskPhase["name"]> = new Set(["dispatched", "claimed"]);

function isKnownTo({ tasks }: SessionState, input: Input): boolean {
  if (input.kind !== "answer" && input.kind !== "claim") return false;
  const task = tasks[input.task];
  return task?.attempt === input.attempt && AT_WORK.has(task.phase.name);
}

export interface Advance {
  readonly content: Commit;
  /** The session's after the commit. */
  readonly state: SessionState;
  readonly stored: StoredCommit;
}

/** Keeps a session as a commit left it, for the next input of it that comes to this process. */
export async function keepSession(
  { cache, personal, digest }: Pick<Engine, "cache" | "personal" | "digest">,
  { tail, size, readAt, cipher }: CachedSession,
  { content: { seen, snapshot }, state, stored }: Advance,
): Promise<void> {
  if (cache === undefined || cipher !== (await personal?.cachedKey(state))) return;
  // A tenant with personal values, and nothing that vouches for how long they may be read here.
  if (seen.personal !== undefined && cipher === undefined) return;
  const { text, hash = digest.sha256(text) } = stored;
  const isWhole = snapshot !== undefined && !("blob" in snapshot);
  cache.keep(state, {
    state,
    hash,
    tail:
      snapshot === undefined
        ? { commits: tail.commits + 1, bytes: tail.bytes + text.length }
        : { commits: 0, bytes: 0 },
    size: isWhole ? text.length : size + text.length,
    readAt,
    cipher,
  });
}
