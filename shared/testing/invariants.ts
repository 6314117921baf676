import assert from "node:assert/strict";
import type { Json } from "#core/json.ts";
import { parseCommit, serializeCommit } from "#core/session/codec.ts";
import type { Commit } from "#core/session/commit.ts";
import { decide } from "#core/session/decide.ts";
import { nextDue } from "#core/session/decide/due.ts";
import { startDraft, type FlowBook } from "#core/session/decide/draft.ts";
import { advanceRuns } from "#core/session/decide/runs.ts";
import { closeCommit, evolve, foldCommit } from "#core/session/evolve.ts";
import { verifyReplay } from "#core/session/replay.ts";
import { initialState, isIdle, type SessionState } from "#core/session/state.ts";

/** Asserts the invariants after every commit: the log contains the decision, and the session continues on its own. */
export function checkDecision(
  before: SessionState,
  decided: SessionState,
  commit: Commit,
  book: FlowBook,
): void {
  assert.deepEqual(
    commit.events.reduce(evolve, before),
    decided,
    "The fold of the events is the decided state.",
  );
  assert.deepEqual(
    parseCommit(before, { ...commit, text: serializeCommit(commit) }),
    commit,
    "A commit reads back as it was written.",
  );
  const state = closeCommit(decided, commit);
  assert.deepEqual(throughJson(state), state, "A state reads back as it was written.");
  checkAlive(state);
  checkQuiescent(state, commit, book);
}

/** Asserts the invariants of a whole log: one sequence, no gap, the same decisions on replay, and this state as its fold. `library` gives the flows that it names. */
export function checkSession(
  commits: readonly Commit[],
  state: SessionState,
  library?: Pick<FlowBook, "byHash">,
): void {
  const sequences = commits.flatMap(({ events }) => events.map(({ sequence }) => sequence));
  assert.deepEqual(
    sequences,
    sequences.map((_, index) => index + 1),
    "Sequences are 1 to n.",
  );
  assert.equal(verifyReplay(commits, library), undefined, "A replay decides the same.");
  assert.deepEqual(
    commits.reduce(foldCommit, initialState(state.tenant, state.session)),
    state,
    "The state is the fold of the log.",
  );
}

/** An unfinished session has a next moment at which it acts by itself, and a timer that fires by then. */
export function checkAlive(state: SessionState): void {
  const due = nextDue(state);
  assert.equal(due === undefined, isIdle(state), "Exactly the unfinished sessions have a next deadline.");
  if (due === undefined) return;
  assert.ok(
    due <= state.time || state.armed.some((at) => at <= due),
    `A timer is armed for ${due} or before: ${state.armed.join(", ")}.`,
  );
}

/** Deciding again, with nothing new, decides nothing. */
function checkQuiescent(state: SessionState, commit: Commit, book: FlowBook): void {
  // One that stopped for its size goes on with anything.
  if (state.unfinished) return;
  const again = decide(state, { kind: "deadline", at: 0 }, commit.seen, book);
  // Whether agents were heard of only a timer asks: until one has, it has something to say.
  if (!mustListen(state, commit))
    assert.deepEqual(again.events, [], "A timer that has nothing to say changes nothing.");
  const draft = startDraft(state, commit.seen, book);
  advanceRuns(draft);
  assert.deepEqual(draft.events, [], "Nothing was left to decide.");
}

/** Whether an agent must have been heard of by now, and nobody looked. */
const mustListen = ({ tasks, time }: SessionState, { seen }: Commit): boolean =>
  seen.heartbeats === undefined &&
  Object.values(tasks).some(
    ({ phase }) => phase.name === "dispatched" && (phase.checkAt ?? Infinity) <= time,
  );

const throughJson = (state: SessionState): Json => JSON.parse(JSON.stringify(state)) as Json;
