import type { TenantId } from "#core/ids.ts";

export type QuotaVerdict =
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
  take(tenant: TenantId): Promise<QuotaVerdict>;
}
