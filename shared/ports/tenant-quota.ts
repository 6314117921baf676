import type { TenantId } from "#core/ids.ts";

export type QuotaResult =
  | { readonly type: "granted" }
  /** The tenant has sent as much as it may; after this time it may send again, if nobody else of it does. */
  | { readonly type: "over"; readonly retryAfterMs: number };

/**
 * Counts the events of each tenant against its quota, over all processes.
 *
 * Rules for an implementation:
 * - a tenant without a quota is granted everything, without any request;
 * - in any span of time no more is granted than the burst, and the rate of that span and of one second more (`LEASE_MS`);
 * - it never throws: what becomes of an event whose tenant cannot be counted is the implementation's stated choice.
 */
export interface TenantQuota {
  take(tenant: TenantId): Promise<QuotaResult>;
}

/** A place among the requests that are held for their replies. */
export interface WaitPlace {
  /** Gives the place to the next one. Never throws: a place that nobody leaves is free when its time is over. */
  leave(): Promise<void>;
}

/**
 * Bounds how many requests are held at once, over all processes: of a tenant, and of all together.
 *
 * Rules for an implementation:
 * - a place is taken until `until` (ms) at the latest, whatever becomes of its process;
 * - no more places are taken at once than there are, of a tenant and in all; fewer may be;
 * - a tenant that takes all that it may leaves room for others;
 * - it never throws: where nobody can say whether there is room, there is none.
 */
export interface WaitRoom {
  /** Takes a place; none where there is no room. */
  enter(tenant: TenantId, until: number): Promise<WaitPlace | undefined>;
}
