import { valueAt } from "../../context/document.ts";
import type { BudgetLeft } from "../../contract.ts";
import type { RunId } from "../../ids.ts";
import { isJsonObject, type Json, type JsonObject } from "../../json.ts";
import { liveRunOf } from "../evolve/patch.ts";
import type { Failure } from "../input.ts";
import type { LiveRun, QueuedRun } from "../state.ts";
import { emit, type Draft } from "./draft.ts";

/** A limit that constraints set, such as `budget.tokens`. */
function limitOf(
  constraints: Json | undefined,
  name: "hops" | "tokens" | "money" | "deadlineMs" | "sessionMs",
): number | undefined {
  const value = isJsonObject(constraints) ? valueAt(constraints, `budget.${name}`) : undefined;
  return typeof value === "number" && value >= 0 ? value : undefined;
}

/** The most time that a run may take, by the session's constraints, those that come with it, and the deployment's ceiling. */
export function deadlineBudget({ state, limits }: Draft, run: QueuedRun): number {
  const given =
    limitOf(run.constraints, "deadlineMs") ?? limitOf(state.context["constraints"], "deadlineMs") ?? Infinity;
  return Math.min(given, limits.deadlineMs ?? Infinity);
}

/**
 * Sets when the session must be over, if an event says how long it may still go on. Where the deployment has a ceiling the first
 * event sets it, and a later one may only bring it forward.
 */
export function setSessionDeadline(draft: Draft, constraints: JsonObject | undefined): void {
  const given = limitOf(constraints, "sessionMs") ?? Infinity;
  const { sessionMs: ceiling } = draft.limits;
  const { deadline } = draft.state;
  if (ceiling === undefined) {
    if (given < Infinity) emit(draft, "SessionDeadlineSet", { at: draft.now + given });
    return;
  }
  const at = Math.min(draft.now + Math.min(given, ceiling), deadline ?? Infinity);
  if (at !== deadline) emit(draft, "SessionDeadlineSet", { at });
}

/**
 * A run's limits. Hops always have one, so that a loop that feeds itself ends; the engine's own does not count what a map
 * dispatches, which is bounded by its list.
 */
function limitsOf(draft: Draft, { itemHops = 0 }: LiveRun): BudgetLeft & { readonly hops: number } {
  const constraints = draft.state.context["constraints"];
  const tokens = lower(limitOf(constraints, "tokens"), draft.limits.tokens);
  const money = lower(limitOf(constraints, "money"), draft.limits.money);
  return {
    hops: Math.min(limitOf(constraints, "hops") ?? Infinity, draft.limits.hops + itemHops),
    ...(tokens !== undefined && { tokens }),
    ...(money !== undefined && { money }),
  };
}

const lower = (given: number | undefined, ceiling: number | undefined): number | undefined =>
  given === undefined || ceiling === undefined ? (given ?? ceiling) : Math.min(given, ceiling);

/** What is left of a run's budgets. */
export function budgetLeft(draft: Draft, id: RunId): BudgetLeft & { readonly hops: number } {
  const run = liveRunOf(draft.state, id);
  const { hops, tokens, money } = limitsOf(draft, run);
  return {
    hops: Math.max(0, hops - run.hops),
    ...(tokens !== undefined && { tokens: Math.max(0, tokens - run.tokens) }),
    ...(money !== undefined && { money: Math.max(0, money - run.money) }),
  };
}

/** Records that a budget allows no further work of this kind, if one does not; the failure that follows from it. */
export function exhausted(draft: Draft, run: RunId, left: BudgetLeft): Failure | undefined {
  const budget = (["hops", "tokens", "money"] as const).find((name) => left[name] === 0);
  if (budget === undefined) return undefined;
  emit(draft, "BudgetExhausted", {
    run,
    budget,
    limit: limitsOf(draft, liveRunOf(draft.state, run))[budget] ?? 0,
  });
  return { code: "budget.exhausted", message: `The run has no ${budget} left.` };
}
