import type { BreakerVerdict } from "./session/seen.ts";

export interface BreakerRules {
  /** Outcomes older than this do not count. */
  readonly windowMs: number;
  /** The newest outcomes that count, at most. */
  readonly keep: number;
  /** Fewer outcomes than this never open the breaker. */
  readonly least: number;
  /** Share of failures, 0 to 1, from which the breaker opens. */
  readonly failing: number;
  /** How long it stays open before a probe. */
  readonly openMs: number;
  /** A probe without an outcome (perhaps its verdict was never used) is followed by another after this time. */
  readonly probeMs: number;
}

export const BREAKER_RULES: BreakerRules = {
  windowMs: 30_000,
  keep: 50,
  least: 10,
  failing: 0.5,
  openMs: 10_000,
  probeMs: 1_000,
};

/** What is remembered of one agent. */
export interface Breaker {
  readonly outcomes: readonly { readonly at: number; readonly ok: boolean }[];
  /** When the first probe may go; undefined while closed. */
  readonly openUntil: number | undefined;
  /** Until when the last probe is waited for. */
  readonly probeUntil: number;
}

export const CLOSED: Breaker = { outcomes: [], openUntil: undefined, probeUntil: 0 };

/** Counts an outcome. One that arrives while open comes from an earlier call and says nothing new. */
export function withOutcome(breaker: Breaker, ok: boolean, now: number, rules = BREAKER_RULES): Breaker {
  if (breaker.openUntil !== undefined) {
    if (now < breaker.openUntil) return breaker;
    return ok ? CLOSED : { ...CLOSED, openUntil: now + rules.openMs };
  }
  const recent = breaker.outcomes.filter(({ at }) => at > now - rules.windowMs);
  const outcomes = [...recent, { at: now, ok }].slice(-rules.keep);
  const failed = outcomes.filter((outcome) => !outcome.ok).length;
  if (outcomes.length >= rules.least && failed >= rules.failing * outcomes.length) {
    return { ...CLOSED, openUntil: now + rules.openMs };
  }
  return { ...CLOSED, outcomes };
}

/** What callers are told now; undefined while closed. A `probe` is handed to one caller, the others see `open`. */
export function verdictOf(breaker: Breaker, now: number): BreakerVerdict | undefined {
  if (breaker.openUntil === undefined) return undefined;
  return now < breaker.openUntil || now < breaker.probeUntil ? "open" : "probe";
}

export function withProbe(breaker: Breaker, now: number, rules = BREAKER_RULES): Breaker {
  return { ...breaker, probeUntil: now + rules.probeMs };
}
