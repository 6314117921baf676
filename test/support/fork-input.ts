import { foldCommits, stateWithin } from "#core/session/fold.ts";
import { changedState, type ForkChanges } from "#core/session/fork/changed-state.ts";
import { readFrom, recordOutcomes } from "#core/session/fork/record-outcomes.ts";
import { wholeAt } from "#core/session/fork/whole-at.ts";
import type { ForkInput } from "#core/session/input.ts";
import type { SessionState } from "#core/session/state.ts";
import type { World } from "#testing/given-when-then.ts";

/** The input that begins a fork of a session as of an event, made of its log as the spine makes it. */
export function forkInput(
  { application, commits, state: { tenant, session } }: World,
  wanted: number,
  changes: ForkChanges = {},
): ForkInput {
  const stateAt = (sequence: number): SessionState => {
    const index = commits.findIndex(({ last }) => last >= sequence);
    const before = foldCommits({ tenant, session }, commits.slice(0, index), () => undefined);
    const commit = commits[index];
    return commit === undefined || sequence === 0 ? before : stateWithin(before, commit, sequence);
  };
  const commit = commits.find(({ last }) => last >= wanted);
  const at = commit === undefined ? wanted : wholeAt(commit, wanted);
  const state = stateAt(at);
  const after = changes.flow === undefined ? at : 0;
  const from = Math.min(readFrom(state), after);
  const runs = new Set(Object.keys(state.runs));
  const recorder = recordOutcomes(stateAt(from), { after, runs, book: application });
  for (const one of commits) if (one.last > from) recorder.read(one);
  const { outcomes, doubtful } = recorder.found();
  const changed = [...Object.keys(changes.set ?? {}), ...(changes.flow === undefined ? [] : ["flow"])];
  return {
    kind: "fork",
    ...{ source: "test", id: "fork", hash: "", correlation: "fork" },
    origin: { session, at, hash: "" },
    state: changedState(state, changes),
    changed,
    recorded: changed.length === 0 ? outcomes : outcomes.filter(({ kind }) => kind === "agent"),
    doubtful,
  };
}
