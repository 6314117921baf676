import { SpineError } from "../errors.ts";
import type { SessionKey } from "../ids.ts";
import type { Commit } from "./commit.ts";
import { evolve, foldCommit } from "./evolve.ts";
import { initialState, type SessionState } from "./state.ts";

/** The state that a run of commits leads to: from the first of the log, or from the newest snapshot among them. */
export function foldCommits(
  key: SessionKey,
  commits: readonly Commit[],
  snapshotOf: (commit: Commit) => SessionState | undefined,
): SessionState {
  let from = commits.length;
  let state: SessionState | undefined;
  while (from > 0 && state === undefined) {
    from -= 1;
    const commit = commits[from];
    state = commit === undefined ? undefined : snapshotOf(commit);
  }
  const rest = state === undefined ? commits : commits.slice(from + 1);
  return rest.reduce(append, state ?? initialState(key.tenant, key.session));
}

function append(state: SessionState, commit: Commit): SessionState {
  if (commit.first !== state.sequence + 1) {
    throw new SpineError("log.corrupt", `Commit ${commit.first} follows sequence ${state.sequence}.`);
  }
  return foldCommit(state, commit);
}

/** The state right after event `sequence`, which may lie inside the last of the commits. */
export function stateWithin(before: SessionState, commit: Commit, sequence: number): SessionState {
  if (sequence >= commit.last) return foldCommit(before, commit);
  const within = commit.events.filter((event) => event.sequence <= sequence).reduce(evolve, before);
  // All events of a commit are of the moment of its decision.
  return { ...within, time: Math.max(before.time, commit.seen.now) };
}
