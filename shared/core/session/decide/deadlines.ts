import { MISSED_HEARTBEATS } from "../../flow/bounds.ts";
import { childrenOf } from "../../flow/visit-plan.ts";
import { isoTime } from "../iso-time.ts";
import { childPlace, locate, writePath, type Place } from "../places.ts";
import { isIdle, isLive, liveRuns, type LiveRun, type SessionState, type TaskState } from "../state.ts";
import { emit, flowOf, hasRoom, type Draft } from "./draft.ts";
import { dueOfStep, dueOfTask, isCovered, nextDue } from "./due.ts";
import { releaseOverdue } from "./ordinals.ts";
import { timeOutJoin } from "./join.ts";
import { replyToHeld } from "./send-reply.ts";
import { dropRun, failRun, finishRun } from "./end-run.ts";
import { afterFailure, nextLink, placeTask, resolveDoubt } from "./tasks.ts";
import { at, cancelWithin, endedAs } from "./steps.ts";
import { peek, walk } from "./walk.ts";

/** Decides everything whose time has come, but for runs: the widest step first, since it ends what is inside it. */
export function timeOut(draft: Draft): void {
  timeOutSession(draft);
  releaseOverdue(draft);
  for (const run of liveRuns(draft.state)) {
    for (const step of lateSteps(draft, run)) {
      if (!hasRoom(draft)) return;
      timeOutStep(draft, run, step);
    }
  }
  for (const { id } of Object.values(draft.state.tasks)) {
    const task = draft.state.tasks[id];
    if (task !== undefined) timeOutTask(draft, task);
  }
}

/** A session whose time is over ends all its work and takes nothing more. */
function timeOutSession(draft: Draft): void {
  const { deadline = Infinity, status, runs } = draft.state;
  if (deadline > draft.now || status === "stopped" || isIdle(draft.state)) return;
  const error = { code: "session.timeout", message: "The session's time is over." };
  for (const run of Object.values(runs)) {
    if (isLive(run)) failRun(draft, run.id, error);
    else dropRun(draft, run, error);
  }
  replyToHeld(draft, error);
  emit(draft, "SessionStopped", { reason: error.message });
}

/**
 * Fails the runs that go on past their time; false if there are none. Only after their steps' own timeouts were decided and
 * walked on: a run's life is the sum of its steps' bounds, so that its last step and the run are late at the same moment.
 */
export function timeOutRuns(draft: Draft): boolean {
  const late = liveRuns(draft.state).filter(({ dueAt }) => dueAt <= draft.now);
  const error = { code: "run.timeout", message: "The run took longer than its flow allows." };
  for (const { id, status } of late) {
    if (status === "compensating") finishRun(draft, id);
    else failRun(draft, id, error);
  }
  return late.length > 0;
}

function lateSteps(draft: Draft, run: LiveRun): readonly string[] {
  const late = Object.entries(run.steps).filter(([, step]) => (dueOfStep(step) ?? Infinity) <= draft.now);
  return late.map(([name]) => name).sort((a, b) => a.length - b.length);
}

function timeOutStep(draft: Draft, { id }: LiveRun, step: string): void {
  const run = draft.state.runs[id];
  if (run === undefined || run.status === "queued") return;
  const state = run.steps[step];
  // An outer step that ended in this very moment took it along.
  if (state === undefined || state.status !== "open") return;
  const place = locate(run, flowOf(draft, run.flow), step);
  const { node } = place;
  const error = { code: "step.timeout", message: `${step} took longer than its timeout.` };
  switch (node.kind) {
    case "wait":
    case "human":
      if (state.kind === "human")
        emit(draft, "HumanExpired", { ...at(place), ask: state.ask, ...emptied(place, node.into) });
      else emit(draft, "WaitExpired", { ...at(place), ...emptied(place, node.into) });
      if (node.onTimeout === "continue") {
        const empty = run.sheet === undefined ? {} : endedAs("empty");
        return emit(draft, "StepCompleted", { ...at(place), ...empty });
      }
      return emit(draft, "StepFailed", { ...at(place), error });
    case "parallel":
      return timeOutJoin(draft, { ...place, node }, branchesOf(draft, place), error);
    case "task":
    case "sequence":
    case "choice":
    case "map":
    case "flow":
    case "transform":
    case "emit":
    case "reply":
      cancelWithin(draft, place, "its time is over");
      return emit(draft, "StepFailed", { ...at(place), error });
  }
}

/** The slot of a wait that nobody answered: whatever stood there is gone. */
const emptied = (place: Place, into: string | undefined): { readonly slot?: string } =>
  into === undefined || place.run.sheet === undefined ? {} : { slot: writePath(place, into) };

/** How far the branches are. Those of a run that stands still are only looked at. */
function branchesOf(draft: Draft, place: Place) {
  const look = place.run.status === "running" ? walk : peek;
  return childrenOf(place.node).map(([name, node]) => {
    const child = childPlace(place, name, node);
    return { name, place: child, progress: look(draft, child) };
  });
}

function timeOutTask(draft: Draft, task: TaskState): void {
  if ((dueOfTask(draft.state, task) ?? Infinity) > draft.now || !hasRoom(draft)) return;
  const { id, attempt, phase } = task;
  if (phase.name === "dispatched") {
    if (phase.dueAt > draft.now) return listen(draft, task);
    emit(draft, "AttemptTimedOut", { task: id, attempt });
    afterFailure(
      draft,
      id,
      { code: "agent.timeout", message: `${task.agent} gave no answer in time.` },
      true,
    );
  } else if (phase.name === "claimed") {
    resolveDoubt(draft, id);
  } else if (phase.name === "asked") {
    const placed = placeTask(draft, id);
    emit(draft, "HumanExpired", { ...at(placed.place), ask: phase.ask, task: id });
    const error = { code: "step.timeout", message: "Nobody answered in time." };
    nextLink(draft, placeTask(draft, id), error, { agents: task.asking === undefined });
  }
}

/** Looks whether an agent still gives signs of life. One that has not begun waits in its queue: it is not silent. */
function listen(draft: Draft, { id, attempt, agent }: TaskState): void {
  const { heartbeats } = draft.seen;
  if (heartbeats === undefined) return;
  const { heartbeatMs = Infinity } = placeTask(draft, id).contract;
  const silence = heartbeatMs * MISSED_HEARTBEATS;
  const at = heartbeats[`${id}/${attempt}`];
  if (at === undefined || at + silence > draft.now) {
    const heard = at === undefined ? {} : { at };
    return emit(draft, "HeartbeatSeen", {
      task: id,
      attempt,
      ...heard,
      checkAt: (at ?? draft.now) + silence,
    });
  }
  emit(draft, "AttemptTimedOut", { task: id, attempt, silentSince: at });
  const message = `${agent} has not been heard of since ${isoTime(at)}.`;
  afterFailure(draft, id, { code: "agent.timeout", message }, true);
}

/** How far writers' clocks may differ: a timer so close may have fired already at a writer whose clock is ahead. */
const CLOCK_SKEW_MS = 200;

/**
 * Arms a timer for the next moment, unless one is armed that fires early enough. A timer that fires while nothing is under
 * way is not recorded: those left over from `before` may have fired by the time this is committed.
 */
export function armNext(draft: Draft, before: SessionState): void {
  const due = nextDue(draft.state);
  const armed = isIdle(before) ? [] : draft.state.armed;
  if (due !== undefined && !isCovered(armed, due, draft.now + CLOCK_SKEW_MS))
    emit(draft, "DeadlineArmed", { at: draft.state.unfinished ? draft.now : due });
}
