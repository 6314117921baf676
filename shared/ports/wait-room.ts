import type { TenantId } from "#core/ids.ts";

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
