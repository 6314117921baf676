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

/** How far tenants have used their quotas, for people to look at. Broken infrastructure is an error of the implementation's own. */
export interface QuotaBuckets {
  /** When the tenant's bucket is full again if nothing more is drawn from it, ms; 0 for one that nobody drew from lately. */
  fullAt(tenant: TenantId): Promise<number>;
}

/** A permit among the requests that are held for their replies, or the streams that are open. */
export interface WaitPermit {
  /** Gives the permit to the next one. Never throws: a permit that nobody leaves is free when its time is over. */
  leave(): Promise<void>;
  /** Whether it is still this holder's: not once its reader has taken it over. Never throws; true where nobody can say. */
  isHeld(): Promise<boolean>;
}

/**
 * Bounds how many requests are held, or streams open, at once, over all processes: of a tenant, and of all together.
 *
 * Rules for an implementation:
 * - a permit is taken until `until` (ms) at the latest, whatever becomes of its process;
 * - no more permits are taken at once than there are, of a tenant and in all; fewer may be;
 * - a tenant that takes all that it may leaves room for others;
 * - who enters again by the same name, a tenant's own, takes over the permit that it finds taken by it: whoever is gone without a word
 *   stands in nobody's way;
 * - it never throws: where nobody can say whether there is room, there is none.
 */
export interface WaitRoom {
  /** Takes a permit; none where there is no room. @param who a name of letters, digits, `_` and `-`; without one nobody takes it over */
  enter(tenant: TenantId, until: number, who?: string): Promise<WaitPermit | undefined>;
}
