import type { TenantId } from "#core/ids.ts";

/** How long finished sessions stay, in ms, by tenant; `*` is every tenant that is not named. */
export type RetentionTimes = Readonly<Record<string, number>>;

export const ALL_TENANTS = "*";

/** The retention of a tenant's sessions; `undefined` where they stay for ever. */
export function retentionOf(times: RetentionTimes, tenant: TenantId): number | undefined {
  // A tenant may be named like a property of every object.
  return Object.hasOwn(times, tenant) ? times[tenant] : times[ALL_TENANTS];
}
