import type { TenantId } from "#core/ids.ts";

export type QuotaResult =
  | { readonly type: "granted" }
  /** The tenant is over its quota; it may send again after this time, if none of its other producers does. */
  | { readonly type: "over"; readonly retryAfterMs: number };

/**
 * Counts the events of each tenant against its quota, over all processes. Rules for an implementation:
 * - a tenant without a quota is granted everything, without any request;
 * - in any period it grants no more than the burst, and the rate of that period and of one more second (`LEASE_MS`);
 * - it never throws: the implementation documents what happens to an event whose tenant cannot be counted.
 */
export interface TenantQuota {
  take(tenant: TenantId): Promise<QuotaResult>;
}

/** A permit among the requests that are held for their replies. */
export interface WaitPermit {
  /** Gives the permit to the next one. Never throws: a permit that nobody leaves is free when its time is over. */
  leave(): Promise<void>;
}

/**
 * Bounds how many requests are held at once, over all processes: of a tenant, and of all together.
 *
 * Rules for an implementation:
 * - a permit is taken until `until` (ms) at the latest, whatever becomes of its process;
 * - no more permits are taken at once than there are, of a tenant and in all; fewer may be;
 * - a tenant that takes all that it may leaves room for others;
 * - it never throws: where nobody can say whether there is room, there is none.
 */
export interface WaitRoom {
  /** Takes a permit; none where there is no room. */
  enter(tenant: TenantId, until: number): Promise<WaitPermit | undefined>;
}
