import { OnStale } from "../../contract.ts";
import { MAX_RERUNS } from "../../flow/bounds.ts";
import { FORK_FORM, NO_FORKS } from "../fork/fork-form.ts";
import type { AgentOutcome, AnswerInput, ClaimInput, CommandInput, Failure, LetterInput } from "../input.ts";
import { changedReads } from "../places.ts";
import { isLive, liveRuns, type SessionState, type TaskState } from "../state.ts";
import { emit, type Draft } from "./draft.ts";
import { currentTask, stopReasonOf } from "./look.ts";
import { cancelRun } from "./end-run.ts";
import { handOf } from "./hand-over.ts";
import { goesByTime, lastMoment } from "./in-time.ts";
import { advanceRuns } from "./runs.ts";
import { replyToHeld } from "./send-reply.ts";
import { afterFailure, compensable, nextLink, placeTask, resolveTime, type PlacedTask } from "./tasks.ts";
import { committed, refused, type Verdict } from "./verdict.ts";

/** An agent's answer: applied if it counts, came in time and its view is still true, else recorded for what it is. */
export function decideAnswer(draft: Draft, answer: AnswerInput): Verdict {
  const { task: id, attempt, outcome } = answer;
  const task = currentTask(draft.state, { task: id, attempt });
  const first = draft.state.sequence + 1;
  if (task === undefined) {
    const fenced = draft.state.fenced.find((entry) => entry.task === id && entry.attempt === attempt);
    if (fenced === undefined)
      return { type: "nothing", because: stopReasonOf(draft.state, { task: id, attempt }) };
    emit(draft, "AnswerLate", { task: id, attempt, outcome, claimed: fenced.claimed });
    return committed(first, "fenced");
  }
  const arrival = arrivalOf(draft, task, answer.acceptedAt);
  if (arrival === "late") {
    if (task.phase.name === "dispatched" && task.phase.answered)
      return { type: "nothing", because: "settled" };
    emit(draft, "AnswerLate", { task: id, attempt, outcome, claimed: false });
    return committed(first, "fenced");
  }
  const placed = placeTask(draft, id);
  draft.hand = handOf(draft, placed);
  if (outcome.status === "ok") applyResult(draft, placed, outcome, arrival);
  else if (!applyFailure(draft, task, outcome, arrival)) return { type: "nothing", because: "claimed" };
  // What was accepted in time ends its steps before their time does, which is over by now.
  if (arrival.acceptedAt !== undefined) advanceRuns(draft);
  return committed(first);
}

/** When an answer was accepted, where it is decided only after its time. */
interface Arrival {
  readonly acceptedAt?: number;
}

/**
 * Whether an answer is late: it counts from when it was accepted, whatever it waited for afterwards. Only a dispatched attempt's
 * can be: what became of a claimed effect is a fact until somebody resolves it.
 */
function arrivalOf(draft: Draft, task: TaskState, acceptedAt = Infinity): Arrival | "late" {
  const run = draft.state.runs[task.run];
  if (task.phase.name !== "dispatched" || run === undefined || !isLive(run) || !goesByTime(draft)) return {};
  const due = lastMoment(draft.state, run, task.step, task.phase.dueAt);
  if (draft.now < due) return {};
  return acceptedAt < due ? { acceptedAt } : "late";
}

function applyResult(
  draft: Draft,
  placed: PlacedTask,
  { result, confidence, usage }: Extract<AgentOutcome, { status: "ok" }>,
  arrival: Arrival,
): void {
  const { task, place, contract, node } = placed;
  const { id, attempt, phase } = task;
  const spent = { ...(usage !== undefined && { usage }), ...arrival };
  const sure = confidence === undefined ? {} : { confidence };
  // A claimed effect happened on a view that was checked at the claim: its result is a fact now.
  const isFact = phase.name !== "dispatched" || task.asking !== undefined;
  const changed = isFact ? [] : changedReads(draft.state, place, contract, phase.asOf);
  const applied = { task: id, attempt, result, ...sure, ...spent };
  if (changed.length === 0) return emit(draft, "AnswerApplied", { ...applied, ...compensable(node, task) });
  if (contract.onStale === OnStale.accept) {
    return emit(draft, "AnswerApplied", { ...applied, stale: changed, ...compensable(node, task) });
  }
  if (contract.onStale === OnStale.drop) {
    emit(draft, "AnswerStale", { task: id, attempt, result, ...spent, changed, action: "drop" });
    return emit(draft, "TaskSkipped", { task: id, reason: "its result was stale" });
  }
  if (task.reruns < MAX_RERUNS) {
    return emit(draft, "AnswerStale", { task: id, attempt, result, ...spent, changed, action: "rerun" });
  }
  emit(draft, "AnswerStale", { task: id, attempt, result, ...spent, changed, action: "give-up" });
  nextLink(draft, placeTask(draft, id), staleError(changed));
}

/**
 * An answer that the session cannot take, for a limit or an error of the spine's own: it is recorded, its effect is known to have
 * happened, and the step goes on as its plan says for a failure. Agents are not asked again for what they have done.
 */
export function decideUnusable(
  draft: Draft,
  { task: id, attempt, outcome }: AnswerInput,
  error: Failure,
): Verdict | undefined {
  const task = currentTask(draft.state, { task: id, attempt });
  if (task === undefined || outcome.status !== "ok") return undefined;
  const { result, usage } = outcome;
  const placed = placeTask(draft, id);
  const isEffect = task.phase.name !== "dispatched" || task.asking !== undefined;
  const first = draft.state.sequence + 1;
  emit(draft, "AnswerUnusable", {
    task: id,
    attempt,
    result,
    ...(usage !== undefined && { usage }),
    error,
    ...compensable(placed.node, task),
  });
  nextLink(draft, placeTask(draft, id), error, { agents: !isEffect });
  return committed(first);
}

const staleError = (changed: readonly string[]) => ({
  code: "agent.stale",
  message: `${changed.join(", ")} changed under every one of ${MAX_RERUNS + 1} runs.`,
});

/** Records a failure. False if this attempt's failure is known already. */
function applyFailure(
  draft: Draft,
  task: TaskState,
  outcome: Extract<AgentOutcome, { status: "failed" }>,
  arrival: Arrival,
): boolean {
  const { id, attempt, phase } = task;
  const { error, retryable, effect, usage } = outcome;
  const body = {
    task: id,
    attempt,
    error,
    retryable,
    ...(effect !== undefined && { effect }),
    ...(usage !== undefined && { usage }),
    ...arrival,
  };
  if (phase.name === "claimed" && effect !== "not-done") {
    if (phase.failed) return false;
    emit(draft, "AttemptFailed", { ...body, held: true });
    return true;
  }
  emit(draft, "AttemptFailed", body);
  // Asked about, and it did not happen: that is no failure of the asking.
  const mayRetry = retryable || (task.asking !== undefined && effect === "not-done");
  afterFailure(draft, id, error, mayRetry);
  return true;
}

/** The commit that an effect is about to happen: granted to one execution, on a view that is still true. */
export function decideClaim(draft: Draft, { task: id, attempt, execution }: ClaimInput): Verdict {
  const task = currentTask(draft.state, { task: id, attempt });
  if (task === undefined)
    return { type: "nothing", because: stopReasonOf(draft.state, { task: id, attempt }) };
  if (task.phase.name === "claimed") {
    return { type: "nothing", because: task.phase.execution === execution ? "granted" : "claimed" };
  }
  // Whoever acts now answers too late.
  if (arrivalOf(draft, task) === "late") return { type: "nothing", because: "fenced" };
  // An attempt that only finds out whether the effect happened acts on nothing.
  if (task.asking !== undefined) return { type: "nothing", because: "claimed" };
  const first = draft.state.sequence + 1;
  const placed = placeTask(draft, id);
  const asOf = task.phase.name === "dispatched" ? task.phase.asOf : 0;
  const changed = changedReads(draft.state, placed.place, placed.contract, asOf);
  if (changed.length > 0 && placed.contract.onStale !== OnStale.accept) {
    emit(draft, "ClaimRefused", { task: id, attempt, execution, changed });
    if (placed.contract.onStale === OnStale.drop)
      emit(draft, "TaskSkipped", { task: id, reason: "its view was stale" });
    else if (task.reruns >= MAX_RERUNS) nextLink(draft, placeTask(draft, id), staleError(changed));
    return committed(first, "stale");
  }
  emit(draft, "EffectClaimed", {
    task: id,
    attempt,
    execution,
    settleAt: resolveTime(draft, placed),
  });
  return committed(first);
}

/** A message that a queue gave up on: it speaks for its attempt, if that still counts. */
export function decideLetter(draft: Draft, letter: LetterInput): Verdict {
  const first = draft.state.sequence + 1;
  emit(draft, "DeadLetterRecorded", { letter });
  const task = letter.attempt === undefined ? undefined : currentTask(draft.state, letter.attempt);
  if (task?.phase.name === "dispatched") {
    const error = {
      code: "agent.failed",
      message: `Its message went to the dead-letter queue of ${letter.queue}.`,
    };
    emit(draft, "AttemptFailed", { task: task.id, attempt: task.attempt, error, retryable: true });
    afterFailure(draft, task.id, error, true);
  }
  return committed(first);
}

export function decideCommand(draft: Draft, input: CommandInput): Verdict {
  const { source, id, hash, correlation, command, by } = input;
  const { compensate } = { compensate: true, ...command };
  // What still undoes its work in a stopped session can be ended too.
  if (command.type === "fork") return noteFork(draft, input);
  const endsAll = command.type === "stop" && !compensate && liveRuns(draft.state).length > 0;
  if (draft.state.status === "stopped" && !endsAll)
    return refused("session.stopped", "The session was stopped already.");
  if (command.type === "cancel" && !Object.hasOwn(draft.state.runs, command.run)) {
    return refused("run.ended", `No run ${command.run} is under way.`);
  }
  if (command.type === "redrive" && !waitsToRetry(draft.state, command)) {
    return refused("task.settled", `Attempt ${command.attempt} of ${command.task} waits for no retry.`);
  }
  const first = draft.state.sequence + 1;
  emit(draft, "CommandGiven", { source, id, hash, correlation, command, ...(by !== undefined && { by }) });
  switch (command.type) {
    case "cancel":
      cancelRun(draft, command.run, command.reason, compensate);
      break;
    case "redrive":
      emit(draft, "RetryScheduled", { task: command.task, dueAt: draft.now });
      break;
    case "stop":
      for (const run of Object.values(draft.state.runs)) cancelRun(draft, run.id, command.reason, compensate);
      replyToHeld(draft, { code: "session.stopped", message: command.reason });
      emit(draft, "SessionStopped", { reason: command.reason });
  }
  return committed(first);
}

/** Most forks of one session: its state names them all. */
const MAX_FORKS = 100;

/** Notes who was forked from the session, so that whoever erases it can name them. A stopped one is forked as well. */
function noteFork(draft: Draft, { command, ...input }: CommandInput): Verdict {
  if ((draft.seen.form ?? 1) < FORK_FORM) return refused("input.rejected", NO_FORKS);
  if (draft.state.sequence === 0) return refused("session.unknown", "The session has no events.");
  if ((draft.state.forks ?? []).length >= MAX_FORKS)
    return refused("session.full", `${MAX_FORKS} sessions were forked from this one already.`);
  const { source, id, hash, correlation, by } = input;
  emit(draft, "CommandGiven", { source, id, hash, correlation, command, ...(by !== undefined && { by }) });
  return committed(draft.state.sequence);
}

/** Whether the attempt failed and its task waits to be tried again. */
function waitsToRetry(
  state: SessionState,
  ref: { readonly task: string; readonly attempt: number },
): boolean {
  const task = Object.hasOwn(state.tasks, ref.task) ? state.tasks[ref.task as TaskState["id"]] : undefined;
  return task?.attempt === ref.attempt && task.phase.name === "backoff";
}
