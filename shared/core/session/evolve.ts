import { SpineError } from "../errors.ts";
import { forgetDeleted } from "../context/versions.ts";
import type { Commit } from "./commit.ts";
import type { RecordedEvent, SessionEventType } from "./events.ts";
import { forkReducers } from "./evolve/fork-reducers.ts";
import { inputReducers } from "./evolve/inputs.ts";
import { keptReducers } from "./evolve/kept-reducers.ts";
import type { ReducersOf } from "./evolve/reducers.ts";
import { runReducers } from "./evolve/run-reducers.ts";
import { signalReducers } from "./evolve/signal-reducers.ts";
import { stepReducers } from "./evolve/step-reducers.ts";
import { taskReducers } from "./evolve/task-reducers.ts";
import type { SessionState } from "./state.ts";

const reducers: ReducersOf<SessionEventType> = {
  ...inputReducers,
  ...forkReducers,
  ...keptReducers,
  ...runReducers,
  ...signalReducers,
  ...stepReducers,
  ...taskReducers,
};

/** The state after one more event. Its meaning never changes for an event version. */
export function evolve(state: SessionState, event: RecordedEvent): SessionState {
  if (event.sequence !== state.sequence + 1) {
    throw new SpineError("log.corrupt", `Event ${event.sequence} follows ${state.sequence}.`);
  }
  // One reducer a type: the table's type ties each to its data, which an index by a union cannot express.
  const reduce = reducers[event.type] as
    ((s: SessionState, data: unknown, sequence: number) => SessionState) | undefined;
  if (reduce === undefined)
    throw new SpineError(
      "log.other-version",
      `Event type ${String(event.type)} is unknown to this version.`,
      {
        retryable: true,
      },
    );
  return { ...reduce(state, event.data, event.sequence), sequence: event.sequence };
}

/** Ends a commit: what lives within one commit only is dropped, and what its writer evicted is gone. */
export function closeCommit(state: SessionState, commit: Pick<Commit, "seen" | "evicted">): SessionState {
  const { trigger: _, ...rest } = state;
  const time = Math.max(state.time, commit.seen.now);
  const evicted = commit.evicted > 0;
  return {
    ...rest,
    time,
    armed: stillAhead(state.armed, time),
    versions: forgetDeleted(state.versions, state.context, oldestView(state)),
    ...(commit.seen.personal !== undefined && { personal: commit.seen.personal }),
    ...(evicted && { ids: state.ids.slice(commit.evicted), evicted: true }),
  };
}

/** Timers that lie ahead; the same list when all do. The others fire for nothing, or have done so. */
const stillAhead = (armed: readonly number[], time: number): readonly number[] =>
  (armed[0] ?? Infinity) > time ? armed : armed.filter((at) => at > time);

/** The sequence of the oldest view that an answer may still be checked against. */
function oldestView(state: SessionState): number {
  return Object.values(state.tasks).reduce(
    (oldest, { phase }) =>
      phase.name === "dispatched" || phase.name === "claimed" ? Math.min(oldest, phase.asOf) : oldest,
    state.sequence,
  );
}

/** The state after a whole commit. */
export function foldCommit(
  state: SessionState,
  commit: Pick<Commit, "events" | "seen" | "evicted">,
): SessionState {
  return closeCommit(commit.events.reduce(evolve, state), commit);
}
