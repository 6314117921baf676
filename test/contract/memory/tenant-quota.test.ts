import { createMemoryTenantQuota } from "#memory/memory-tenant-quota.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { describeTenantQuota, QUOTAS } from "../tenant-quota.ts";

describeTenantQuota("memory", () => {
  const clock = createMovableClock(1_800_000_000_000);
  const quota = createMemoryTenantQuota(QUOTAS, clock);
  return Promise.resolve({ processes: [quota, quota], pass: (ms) => clock.advanceBy(ms) });
});
