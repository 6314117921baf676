import type { ReadValue, WrongValue } from "./by-tenant.ts";

/** How many events a tenant may send: a bucket of `burst` tokens that fills by `perSecond`; an event takes one. */
export interface QuotaRule {
  readonly perSecond: number;
  readonly burst: number;
}

/** Beyond it the log itself, with one conditional write an event, is what bounds a tenant. */
export const MAX_EVENTS_PER_SECOND = 10_000;
export const MAX_BURST = 1_000_000;

/** What is wrong with a rule; nothing where it can be kept. */
export function quotaProblem({ perSecond, burst }: QuotaRule): WrongValue | undefined {
  if (!(perSecond > 0 && perSecond <= MAX_EVENTS_PER_SECOND))
    return {
      problem: `has perSecond ${perSecond}`,
      repair: `Give a number above 0, at most ${MAX_EVENTS_PER_SECOND}.`,
    };
  if (!(Number.isInteger(burst) && burst >= 1 && burst <= MAX_BURST))
    return { problem: `has burst ${burst}`, repair: `Give a whole number from 1 to ${MAX_BURST}.` };
  return undefined;
}

/** Reads a rule as functions are told it: `[events per second, burst]`. */
export const readQuotaPair: ReadValue<QuotaRule> = (value) => {
  const [perSecond, burst]: readonly unknown[] = Array.isArray(value) ? value : [];
  const rule = { perSecond: Number(perSecond), burst: Number(burst) };
  return quotaProblem(rule) ?? { value: rule };
};

export type Draw =
  /** `fullAt` is when the bucket is full again, ms: all that must be remembered of it. */
  | { readonly type: "granted"; readonly tokens: number; readonly fullAt: number }
  /** At `retryAt`, ms, there is a token again. */
  | { readonly type: "over"; readonly retryAt: number };

/** Draws up to `wanted` tokens, at least one, from a bucket that is full at `fullAt`; one never drawn from is full at 0. */
export function draw({ perSecond, burst }: QuotaRule, fullAt: number, wanted: number, now: number): Draw {
  const msPerToken = 1_000 / perSecond;
  const from = Math.max(fullAt, now);
  // Times are some 10^12 ms: what a double loses there must not cost a token.
  const tokens = Math.min(wanted, Math.floor(burst - (from - now) / msPerToken + 1e-3));
  if (tokens >= 1) return { type: "granted", tokens, fullAt: from + tokens * msPerToken };
  return { type: "over", retryAt: Math.ceil(from - (burst - 1) * msPerToken) };
}

/** How many tokens a bucket has that is full at `fullAt`, ms. */
export function tokensLeft({ perSecond, burst }: QuotaRule, fullAt: number, now: number): number {
  const missing = (Math.max(0, fullAt - now) * perSecond) / 1_000;
  return Math.max(0, Math.floor(burst - missing + 1e-3));
}

/** Tokens that a process drew in advance, so that not every event asks the bucket. */
export interface Lease {
  readonly drawn: number;
  readonly left: number;
  /** Then what is left lapses. */
  readonly endsAt: number;
}

/** Tokens that are not used by then lapse: a tenant is never more than this span of its rate over its quota. */
export const LEASE_MS = 1_000;

export const leaseOf = (tokens: number, now: number): Lease => ({
  drawn: tokens,
  left: tokens,
  endsAt: now + LEASE_MS,
});

/** The lease without one token; nothing where it has none to give. */
export function takeToken(lease: Lease | undefined, now: number): Lease | undefined {
  if (lease === undefined || lease.left === 0 || now >= lease.endsAt) return undefined;
  return { ...lease, left: lease.left - 1 };
}

/**
 * How many tokens to draw next. A lease that was used up in time doubles, one that lapsed shrinks to what was used of it;
 * no process holds more than a quarter of a second's events, or of the burst.
 */
export function wantedTokens({ perSecond, burst }: QuotaRule, lease: Lease | undefined, now: number): number {
  const most = Math.max(1, Math.floor(Math.min(perSecond, burst) / 4));
  if (lease === undefined) return 1;
  const wanted = lease.left === 0 && now < lease.endsAt ? 2 * lease.drawn : lease.drawn - lease.left;
  return Math.min(most, Math.max(1, wanted));
}
