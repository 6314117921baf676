import { Effect, type ContractSpec } from "../../contract.ts";
import { SpineError } from "../../errors.ts";
import { backoffMs, CLAIM_GRACE_MS, DEADLINE_GRACE_MS, MISSED_HEARTBEATS } from "../../flow/bounds.ts";
import type { Fallback, TaskNode } from "../../flow/plan.ts";
import type { TaskId } from "../../ids.ts";
import type { JsonObject } from "../../json.ts";
import { taskOf } from "../evolve/patch.ts";
import type { Failure } from "../input.ts";
import { lastKnown, locate, viewOf, writePath, type Place } from "../places.ts";
import type { AppliedEffect, LiveRun, SessionState, TaskState } from "../state.ts";
import { MAX_INLINE_VIEW_BYTES } from "../limits.ts";
import { idempotencyKeyOf } from "../task-messages.ts";
import { budgetLeft, exhausted } from "./run-budget.ts";
import { chanceOf } from "./chance.ts";
import { emit, loadedFlow, nextId, type Draft, type FlowBook } from "./draft.ts";
import { takeHand } from "./hand-over.ts";
import { goesByTime } from "./in-time.ts";
import { isDoubtful, reuseOutcome } from "./reuse-outcome.ts";
import { at } from "./steps.ts";

/** A task together with where it stands in its run's plan. */
export interface PlacedTask {
  readonly task: TaskState;
  readonly place: Place;
  readonly node: TaskNode<ContractSpec>;
  /** The contract of the agent that works on it now, with the step's overrides. */
  readonly contract: ContractSpec;
}

export const placeTask = ({ state, book }: Pick<Draft, "state" | "book">, id: TaskId): PlacedTask =>
  placeTaskIn(state, book, id);

/** A task of a state, with where it stands and who works on it. */
export function placeTaskIn(state: SessionState, book: Pick<FlowBook, "byHash">, id: TaskId): PlacedTask {
  const task = taskOf(state, id);
  const run = runOfTask(state, task);
  const place = locate(run, loadedFlow(book, run.flow), task.step);
  const undone = run.effects?.find((effect) => effect.task === task.undoes);
  const undoing = undone === undefined ? place : { ...place, undo: undoView(state, undone) };
  return { task, place: undoing, ...contractAt(place, task.link) };
}

/** What a compensation is told. */
function undoView(
  { tenant, session }: SessionState,
  { agent, task, result, inDoubt }: AppliedEffect,
): JsonObject {
  return { agent, key: idempotencyKeyOf({ tenant, session, task }), result, inDoubt: inDoubt ?? false };
}

function runOfTask(state: SessionState, task: TaskState): LiveRun {
  const run = state.runs[task.run];
  if (run === undefined || run.status === "queued")
    throw new SpineError("log.corrupt", `Task ${task.id} has no run.`);
  return run;
}

/** The contract of the agent that works on a task now, with its step's overrides. */
export function contractOf(book: FlowBook, run: LiveRun, { step, link }: TaskState): ContractSpec {
  return contractAt(locate(run, loadedFlow(book, run.flow), step), link).contract;
}

function contractAt(place: Place, link: number): Pick<PlacedTask, "node" | "contract"> {
  const { node } = place;
  if (node.kind !== "task") throw new SpineError("log.corrupt", `Step ${place.step} has no task.`);
  if (link >= 0) {
    const fallback = node.fallback[link];
    return { node, contract: fallback?.type === "agent" ? fallback.agent : node.agent };
  }
  const { agent, timeoutMs = agent.timeoutMs, retries = agent.retries, onStale = agent.onStale } = node;
  return { node, contract: { ...agent, timeoutMs, retries, onStale } };
}

/** Creates the task of a step; `undoes` is the one whose effect it undoes. */
export function createTask(draft: Draft, place: Place, undoes?: TaskId): void {
  const { contract } = contractAt(place, -1);
  const run = place.run.id;
  // Ids made by the draft are new to the session; the parsers are for ids that come from outside.
  const task = nextId(draft) as TaskId;
  emit(draft, "TaskCreated", {
    task,
    run,
    step: place.step,
    agent: contract.name,
    slot: writePath(place, contract.writes),
    ...(undoes !== undefined && { undoes }),
  });
}

/** Whether a task is to be dispatched now: its host waits out the rest of a short pause. */
export function isDue({ now, seen }: Draft, { phase }: TaskState): boolean {
  return phase.name === "ready" || (phase.name === "backoff" && phase.dueAt <= now + (seen.pauseMs ?? 0));
}

/** What an order holds beside its view. */
const ORDER = 500;

/** Sends a ready task to its agent, unless a budget or the agent's circuit breaker forbids it. */
export function dispatch(draft: Draft, placed: PlacedTask): void {
  const { task, place, contract } = placed;
  if (reuseOutcome(draft, placed)) return;
  if (isDoubtful(draft, placed)) return nextLink(draft, placed, inDoubt(contract), { agents: false });
  const left = budgetLeft(draft, task.run);
  // A run that is out of budget still undoes what it did.
  const spent = task.undoes === undefined ? exhausted(draft, task.run, left) : undefined;
  if (spent !== undefined) return nextLink(draft, placed, spent, { agents: false });
  if (draft.seen.breakers?.[contract.name] === "open") return unavailable(draft, placed);
  const run = runOfTask(draft.state, task);
  const asOf = draft.state.sequence;
  const attempt = task.attempt + 1;
  const startAt = task.phase.name === "backoff" ? Math.max(draft.now, task.phase.dueAt) : draft.now;
  // No agent works on after its run is over.
  const deadline = Math.min(startAt + contract.timeoutMs, run.dueAt);
  const dueAt = deadline + DEADLINE_GRACE_MS;
  const view = viewOf(draft.state, place, contract);
  const by = takeHand(draft, placed, deadline);
  const handed = by === undefined ? {} : { handedBy: by };
  // A larger one is a link.
  draft.size += Math.min(JSON.stringify(view).length, MAX_INLINE_VIEW_BYTES) + ORDER;
  draft.orders.push({
    task: task.id,
    attempt,
    agent: contract.name,
    lane: run.lane,
    run: run.id,
    step: place.step,
    effect: contract.effect,
    ...(task.asking !== undefined && { settles: true }),
    deadline,
    ...(startAt > draft.now && { notBefore: startAt }),
    ...(contract.heartbeatMs !== undefined && { heartbeatMs: contract.heartbeatMs }),
    asOf,
    view,
    linked: false,
    budget: left,
    answerBy: place.crowded ? "queue" : "door",
    // Of what is said on the way nobody knows where it would stand: where values are personal, nothing of it is shown.
    ...(run.live && draft.seen.personal === undefined && { live: true }),
    ...handed,
    correlation: run.correlation,
    ...(run.traceparent !== undefined && { traceparent: run.traceparent }),
  });
  emit(draft, "AttemptDispatched", {
    task: task.id,
    attempt,
    agent: contract.name,
    lane: run.lane,
    asOf,
    deadline,
    dueAt,
    budget: left,
    ...firstCheck(draft, contract, dueAt),
    ...handed,
  });
}

/** When it is first looked at whether the agent gives signs of life, if it is before its time is over. */
function firstCheck(
  draft: Draft,
  { heartbeatMs = Infinity }: ContractSpec,
  dueAt: number,
): { readonly checkAt?: number } {
  const checkAt = draft.now + heartbeatMs * MISSED_HEARTBEATS;
  return goesByTime(draft) && checkAt < dueAt ? { checkAt } : {};
}

/** Other work goes straight to its fallbacks; for what is to be undone or found out no other agent will do: it waits. */
function unavailable(draft: Draft, placed: PlacedTask): void {
  const { task, contract } = placed;
  emit(draft, "AgentUnavailable", { task: task.id, agent: contract.name });
  const error = {
    code: "agent.unavailable",
    message: `${contract.name} is not called: its circuit breaker is open.`,
  };
  if (task.undoes !== undefined || task.asking !== undefined) afterFailure(draft, task.id, error, true);
  else nextLink(draft, placed, error);
}

/** After an attempt failed: again after a pause while retries are left, else down the fallback chain. */
export function afterFailure(draft: Draft, id: TaskId, error: Failure, retryable: boolean): void {
  const placed = placeTask(draft, id);
  const { task, contract } = placed;
  if (isAbandoned(draft, task)) return emit(draft, "TaskFailed", { task: id, error });
  const failures = task.asking ?? task.failures;
  if (retryable && failures <= contract.retries.max) {
    const pause = backoffMs(contract.retries, failures, chanceOf(`${id}/${task.attempt}`));
    return emit(draft, "RetryScheduled", { task: id, dueAt: draft.now + pause });
  }
  nextLink(draft, placed, error, { agents: task.asking === undefined });
}

/** Takes the next usable link of the fallback chain; without one the task fails with the error that led here. */
export function nextLink(
  draft: Draft,
  placed: PlacedTask,
  error: Failure,
  allow: { readonly agents: boolean } = { agents: true },
): void {
  const { task, node } = placed;
  if (isAbandoned(draft, task)) return emit(draft, "TaskFailed", { task: task.id, error });
  for (let link = task.link + 1; link < node.fallback.length; link++) {
    const fallback = node.fallback[link];
    if (fallback !== undefined && takeLink(draft, placed, link, fallback, allow.agents)) return;
  }
  emit(draft, "TaskFailed", { task: task.id, error });
}

function takeLink(
  draft: Draft,
  { task, place }: PlacedTask,
  link: number,
  fallback: Fallback<ContractSpec>,
  agents: boolean,
): boolean {
  const { id } = task;
  const take = (): void => emit(draft, "FallbackTaken", { task: id, link, type: fallback.type });
  switch (fallback.type) {
    case "agent":
      if (!agents || draft.seen.breakers?.[fallback.agent.name] === "open") return false;
      emit(draft, "FallbackTaken", { task: id, link, type: "agent", agent: fallback.agent.name });
      return true;
    case "value":
      take();
      emit(draft, "ValueFilled", { task: id, value: fallback.value, by: "value" });
      return true;
    case "last-known": {
      const value = lastKnown(draft.state, place, task.slot);
      if (value === undefined) return false;
      take();
      emit(draft, "ValueFilled", { task: id, value, by: "last-known" });
      return true;
    }
    case "human": {
      take();
      const ask = nextId(draft);
      emit(draft, "HumanAsked", {
        run: task.run,
        step: place.step,
        ask,
        question: fallback.ask,
        dueAt: draft.now + fallback.timeoutMs,
        task: id,
      });
      return true;
    }
    case "skip":
      take();
      emit(draft, "TaskSkipped", { task: id, reason: "fallback" });
      return true;
  }
}

/** Whether the plan went on without this task: only its claimed effect was still awaited. */
function isAbandoned(draft: Draft, task: TaskState): boolean {
  const { steps, status } = runOfTask(draft.state, task);
  if (status === "compensating") return task.undoes === undefined;
  for (let end = task.step.lastIndexOf("/"); end > 0; end = task.step.lastIndexOf("/", end - 1)) {
    const outer = steps[task.step.slice(0, end)];
    if (outer === undefined || outer.status === "open") continue;
    const branch = task.step.slice(end + 1).split(/[/[]/, 1)[0] ?? "";
    return !(outer.lingering?.includes(branch) ?? false);
  }
  return false;
}

/**
 * When the effect of a claim made now must be decided at the latest: its holder is dead by then. A target that is idempotent takes the effect
 * from both, so that what is to be repeated waits for the answer alone.
 */
export function resolveTime(draft: Draft, { contract }: PlacedTask): number {
  const { repeatGraceMs = CLAIM_GRACE_MS } = draft.seen;
  const graceMs = contract.onDoubt === "repeat" ? repeatGraceMs : CLAIM_GRACE_MS;
  return draft.now + contract.timeoutMs + graceMs;
}

/** An effect whose outcome nobody knows: the contract says how it is resolved. It is never repeated blindly. */
export function resolveDoubt(draft: Draft, id: TaskId): void {
  const placed = placeTask(draft, id);
  const { task, contract, node, place } = placed;
  const { onDoubt } = contract;
  const asks = isAbandoned(draft, task) || contract.effect !== Effect.once ? undefined : whoTells(onDoubt);
  emit(draft, "EffectInDoubt", {
    task: id,
    attempt: task.attempt,
    policy: onDoubt,
    ...(asks !== undefined && { asks }),
    ...compensable(node, task),
  });
  if (asks === "agent") return;
  if (asks === "person" && typeof onDoubt === "object") {
    const { person: question, timeoutMs } = onDoubt;
    const dueAt = draft.now + timeoutMs;
    return emit(draft, "HumanAsked", { ...at(place), ask: nextId(draft), question, dueAt, task: id });
  }
  if (contract.effect === Effect.once && onDoubt === "repeat")
    return afterFailure(draft, id, inDoubt(contract), true);
  nextLink(draft, placeTask(draft, id), inDoubt(contract), { agents: false });
}

const whoTells = (onDoubt: ContractSpec["onDoubt"]): "agent" | "person" | undefined =>
  typeof onDoubt === "object" ? "person" : onDoubt === "ask" ? "agent" : undefined;

export const inDoubt = ({ name }: ContractSpec): Failure => ({
  code: "effect.in-doubt",
  message: `${name} claimed its effect and gave no outcome.`,
});

/** Marks what a step did as to be undone when its run does not complete. */
export const compensable = (
  node: TaskNode<ContractSpec>,
  task: TaskState,
): { readonly compensable?: true } =>
  node.compensate !== undefined && task.undoes === undefined ? { compensable: true } : {};
