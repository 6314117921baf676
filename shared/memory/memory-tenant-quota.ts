import { givenTo, type ByTenant } from "#core/by-tenant.ts";
import type { TenantId } from "#core/ids.ts";
import { draw, type QuotaRule } from "#core/quota.ts";
import type { Clock } from "#ports/clock.ts";
import type { TenantQuota } from "#ports/tenant-quota.ts";

/** Quotas of one process, or of several that share it: no token is drawn in advance. */
export function createMemoryTenantQuota(quotas: ByTenant<QuotaRule>, clock: Pick<Clock, "now">): TenantQuota {
  const fullAt = new Map<TenantId, number>();
  return {
    async take(tenant) {
      const rule = givenTo(quotas, tenant);
      if (rule === undefined) return { type: "granted" };
      const now = clock.now();
      const drawn = draw(rule, fullAt.get(tenant) ?? 0, 1, now);
      if (drawn.type === "over") return { type: "over", retryAfterMs: drawn.retryAt - now };
      fullAt.set(tenant, drawn.fullAt);
      return { type: "granted" };
    },
  };
}
