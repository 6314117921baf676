import { Effect, type ContractSpec } from "../../contract.ts";
import { SpineError } from "../../errors.ts";
import { backoffMs, DEADLINE_GRACE_MS } from "../../flow/bounds.ts";
import type { Fallback, TaskNode } from "../../flow/plan.ts";
import type { TaskId } from "../../ids.ts";
import { taskOf } from "../evolve/patch.ts";
import type { Failure } from "../input.ts";
import { lastKnown, locate, viewOf, writePath, type Place } from "../places.ts";
import type { LiveRun, SessionState, TaskState } from "../state.ts";
import { budgetLeft, exhausted } from "./budget.ts";
import { chanceOf } from "./chance.ts";
import { emit, flowOf, nextId, type Draft } from "./draft.ts";

/** A task together with where it stands in its run's plan. */
export interface PlacedTask {
  readonly task: TaskState;
  readonly place: Place;
  readonly node: TaskNode<ContractSpec>;
  /** The contract of the agent that works on it now, with the step's overrides. */
  readonly contract: ContractSpec;
}

export function placeTask(draft: Draft, id: TaskId): PlacedTask {
  const task = taskOf(draft.state, id);
  const run = runOfTask(draft.state, task);
  const place = locate(run, flowOf(draft, run.flow), task.step);
  return { task, place, ...contractAt(place, task.link) };
}

function runOfTask(state: SessionState, task: TaskState): LiveRun {
  const run = state.runs[task.run];
  if (run === undefined || run.status === "queued")
    throw new SpineError("log.corrupt", `Task ${task.id} has no run.`);
  return run;
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

export function createTask(draft: Draft, place: Place): void {
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
  });
}

/** Sends a ready task to its agent, unless a budget or the agent's circuit breaker forbids it. */
export function dispatch(draft: Draft, placed: PlacedTask): void {
  const { task, place, contract } = placed;
  const left = budgetLeft(draft, task.run);
  const spent = exhausted(draft, task.run, left);
  if (spent !== undefined) return nextLink(draft, placed, spent, { agents: false });
  if (draft.seen.breakers?.[contract.name] === "open") {
    emit(draft, "AgentUnavailable", { task: task.id, agent: contract.name });
    return nextLink(draft, placed, {
      code: "agent.unavailable",
      message: `${contract.name} is not called: its circuit breaker is open.`,
    });
  }
  const run = runOfTask(draft.state, task);
  const asOf = draft.state.sequence;
  const attempt = task.attempt + 1;
  // No agent works on after its run is over.
  const deadline = Math.min(draft.now + contract.timeoutMs, run.dueAt);
  const dueAt = deadline + DEADLINE_GRACE_MS;
  draft.orders.push({
    task: task.id,
    attempt,
    agent: contract.name,
    lane: run.lane,
    run: run.id,
    step: place.step,
    effect: contract.effect,
    deadline,
    asOf,
    view: viewOf(draft.state, place, contract),
    linked: false,
    budget: left,
    answerBy: place.crowded ? "queue" : "door",
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
  });
}

/** After an attempt failed: again after a pause while retries are left, else down the fallback chain. */
export function afterFailure(draft: Draft, id: TaskId, error: Failure, retryable: boolean): void {
  const placed = placeTask(draft, id);
  const { task, contract } = placed;
  if (isAbandoned(draft, task)) return emit(draft, "TaskFailed", { task: id, error });
  if (retryable && task.failures <= contract.retries.max) {
    const pause = backoffMs(contract.retries, task.failures, chanceOf(`${id}/${task.attempt}`));
    return emit(draft, "RetryScheduled", { task: id, dueAt: draft.now + pause });
  }
  nextLink(draft, placed, error);
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
  const { steps } = runOfTask(draft.state, task);
  for (let end = task.step.lastIndexOf("/"); end > 0; end = task.step.lastIndexOf("/", end - 1)) {
    const outer = steps[task.step.slice(0, end)];
    if (outer === undefined || outer.status === "open") continue;
    const branch = task.step.slice(end + 1).split(/[/[]/, 1)[0] ?? "";
    return !(outer.lingering?.includes(branch) ?? false);
  }
  return false;
}

/** When the effect of a claim made now must be decided at the latest: its holder is dead by then. */
export function settleTime(draft: Draft, { contract }: PlacedTask, claimGraceMs: number): number {
  return draft.now + contract.timeoutMs + claimGraceMs;
}

/** An effect whose outcome nobody knows: repeated where its target is idempotent by the task's key, else never by an agent. */
export function settleDoubt(draft: Draft, id: TaskId): void {
  const placed = placeTask(draft, id);
  const { task, contract } = placed;
  emit(draft, "EffectInDoubt", { task: id, attempt: task.attempt, policy: contract.onDoubt });
  const error = {
    code: "effect.in-doubt",
    message: `${contract.name} claimed its effect and gave no outcome.`,
  };
  if (contract.effect === Effect.once && contract.onDoubt === "repeat")
    return afterFailure(draft, id, error, true);
  nextLink(draft, placeTask(draft, id), error, { agents: false });
}
