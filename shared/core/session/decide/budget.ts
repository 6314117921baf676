import { valueAt } from "../../context/document.ts";
import type { BudgetLeft } from "../../contract.ts";
import type { RunId } from "../../ids.ts";
import { liveRunOf } from "../evolve/patch.ts";
import type { SessionState } from "../state.ts";
import type { Draft } from "./draft.ts";

/** A limit that the session's constraints set, such as `constraints.budget.tokens`. */
function limitOf(state: SessionState, name: "hops" | "tokens" | "money" | "deadlineMs"): number | undefined {
  const value = valueAt(state.context, `constraints.budget.${name}`);
  return typeof value === "number" && value >= 0 ? value : undefined;
}

/** The most that a run may still take of its time, by the session's constraints. */
export function deadlineBudget(state: SessionState): number {
  return limitOf(state, "deadlineMs") ?? Infinity;
}

/** What is left of a run's budgets. Hops always have a limit, so that a loop that feeds itself ends. */
export function budgetLeft(draft: Draft, id: RunId): BudgetLeft & { readonly hops: number } {
  const run = liveRunOf(draft.state, id);
  const tokens = limitOf(draft.state, "tokens");
  const money = limitOf(draft.state, "money");
  const hops = Math.min(limitOf(draft.state, "hops") ?? Infinity, draft.limits.hops);
  return {
    hops: Math.max(0, hops - run.hops),
    ...(tokens !== undefined && { tokens: Math.max(0, tokens - run.tokens) }),
    ...(money !== undefined && { money: Math.max(0, money - run.money) }),
  };
}

/** The budget that allows no further dispatch, if one does not. */
export function exhaustedBudget(left: BudgetLeft): "hops" | "tokens" | "money" | undefined {
  return (["hops", "tokens", "money"] as const).find((name) => left[name] === 0);
}
