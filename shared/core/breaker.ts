import type { BreakerState } from "./session/seen.ts";

export interface BreakerRules {
  /** Outcomes older than this do not count. */
  readonly windowMs: number;
  /** The newest outcomes that count, at most. */
  readonly keep: number;
  /** Fewer outcomes than this never open the breaker. */
  readonly least: number;
  /** Share of failures, 0 to 1, from which the breaker opens. */
  readonly failing: number;
  /** Share of failures and slow answers together from which it opens. */
  readonly slowing: number;
  /** How long it stays open before a probe. */
  readonly openMs: number;
  /** A probe without an outcome (perhaps it was never used) is followed by another after this time. */
  readonly probeMs: number;
}

export const BREAKER_RULES: BreakerRules = {
  windowMs: 30_000,
  keep: 50,
  least: 10,
  failing: 0.5,
  slowing: 0.8,
  openMs: 10_000,
  probeMs: 1_000,
};

/** An answer is slow if it took at least this share of its contract's time. */
export const SLOW_SHARE = 0.8;

export type CallOutcome = "ok" | "slow" | "failed";

/** How calls of one agent went. */
export type CallCounts = Readonly<Record<CallOutcome, number>>;

/** Whether so many calls of an agent failed that it should not be called. */
export function isAiling({ ok, slow, failed }: CallCounts, rules = BREAKER_RULES): boolean {
  const all = ok + slow + failed;
  if (all < rules.least) return false;
  return failed >= rules.failing * all || (slow > 0 && failed + slow >= rules.slowing * all);
}

/** The record of one agent. */
export interface Breaker {
  readonly outcomes: readonly { readonly at: number; readonly outcome: CallOutcome }[];
  /** When the first probe may go; undefined while closed. */
  readonly openUntil: number | undefined;
  /** Until when the last probe's outcome is awaited. */
  readonly probeUntil: number;
}

export const CLOSED: Breaker = { outcomes: [], openUntil: undefined, probeUntil: 0 };

/** Counts an outcome. One that arrives while open belongs to an earlier call and is ignored. A slow probe proves nothing. */
export function withOutcome(
  breaker: Breaker,
  outcome: CallOutcome,
  now: number,
  rules = BREAKER_RULES,
): Breaker {
  if (breaker.openUntil !== undefined) {
    if (now < breaker.openUntil) return breaker;
    return outcome === "ok" ? CLOSED : { ...CLOSED, openUntil: now + rules.openMs };
  }
  const recent = breaker.outcomes.filter(({ at }) => at > now - rules.windowMs);
  const outcomes = [...recent, { at: now, outcome }].slice(-rules.keep);
  const counts = { ok: 0, slow: 0, failed: 0 };
  for (const one of outcomes) counts[one.outcome] += 1;
  return isAiling(counts, rules) ? { ...CLOSED, openUntil: now + rules.openMs } : { ...CLOSED, outcomes };
}

/** The state for callers now; undefined while closed. One caller gets a `probe`, the others see `open`. */
export function breakerStateOf(breaker: Breaker, now: number): BreakerState | undefined {
  if (breaker.openUntil === undefined) return undefined;
  return now < breaker.openUntil || now < breaker.probeUntil ? "open" : "probe";
}

export function withProbe(breaker: Breaker, now: number, rules = BREAKER_RULES): Breaker {
  return { ...breaker, probeUntil: now + rules.probeMs };
}

/** A breaker opened, or closed again. Opening again after a probe is no change. */
export interface BreakerChange {
  /** ms */
  readonly at: number;
  readonly to: "open" | "closed";
}

/** How many changes of an agent's breaker people are told. */
export const MOST_BREAKER_CHANGES = 10;

/**
 * The last changes, the newest first, of what processes noted, the newest first too. Several may note one change: the first of them
 * counts.
 */
export function breakerHistory(noted: readonly BreakerChange[]): readonly BreakerChange[] {
  return noted.filter(({ to }, at) => noted[at + 1]?.to !== to).slice(0, MOST_BREAKER_CHANGES);
}
