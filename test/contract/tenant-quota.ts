import { beforeEach, describe, expect, it } from "vitest";
import type { ByTenant } from "#core/by-tenant.ts";
import { parseTenantId, type TenantId } from "#core/ids.ts";
import { LEASE_MS, type QuotaRule } from "#core/quota.ts";
import type { TenantQuota } from "#ports/tenant-quota.ts";

export interface QuotaHarness {
  /** Two processes that count the same tenants. */
  readonly processes: readonly [TenantQuota, TenantQuota];
  pass(ms: number): void;
}

const FAST = parseTenantId("fast");
const SLOW = parseTenantId("slow");
const FREE = parseTenantId("free");

export const QUOTAS: ByTenant<QuotaRule> = {
  [FAST]: { perSecond: 40, burst: 60 },
  [SLOW]: { perSecond: 0.5, burst: 3 },
};

/** Holds an implementation of TenantQuota to the port's rules. */
export function describeTenantQuota(name: string, makeQuota: () => Promise<QuotaHarness>): void {
  describe(`tenant quota: ${name}`, () => {
    let processes: QuotaHarness["processes"];
    let pass: QuotaHarness["pass"];

    beforeEach(async () => {
      ({ processes, pass } = await makeQuota());
    });

    const granted = async (process: TenantQuota, tenant: TenantId) =>
      (await process.take(tenant)).type === "granted";

    /** How many of so many events pass, from the processes in turn. */
    async function send(tenant: TenantId, events: number): Promise<number> {
      let passed = 0;
      for (let event = 0; event < events; event += 1)
        if (await granted(processes[event % 2 === 0 ? 0 : 1], tenant)) passed += 1;
      return passed;
    }

    it("grants everything to a tenant without a quota", async () => {
      expect(await send(FREE, 500)).toBe(500);
    });

    it("grants the burst at once, over all processes, and then returns the time to retry after", async () => {
      expect(await send(SLOW, 10)).toBe(3);
      const result = await processes[0].take(SLOW);
      expect(result).toEqual({ type: "over", retryAfterMs: expect.any(Number) as number });
      if (result.type === "over") expect(result.retryAfterMs).toBeGreaterThan(0);
    });

    it("grants again after that time", async () => {
      await send(SLOW, 10);
      const result = await processes[0].take(SLOW);
      pass(result.type === "over" ? result.retryAfterMs : 0);
      expect(await granted(processes[0], SLOW)).toBe(true);
      expect(await granted(processes[0], SLOW)).toBe(false);
    });

    it("refills up to the burst while nothing is sent, and no further", async () => {
      await send(SLOW, 10);
      pass(3_600_000);
      expect(await send(SLOW, 10)).toBe(3);
    });

    it("grants one tenant its quota, whatever another does", async () => {
      await send(SLOW, 50);
      expect(await send(FAST, 20)).toBe(20);
    });

    it("grants the rate in the long run: no more than burst and rate, and most of that to a steady sender", async () => {
      const { perSecond, burst } = QUOTAS[FAST] ?? { perSecond: 0, burst: 0 };
      let passed = 0;
      // 100 events a second for ten seconds.
      for (let step = 0; step < 100; step += 1) {
        passed += await send(FAST, 10);
        pass(100);
      }
      expect(passed).toBeLessThanOrEqual(burst + perSecond * (10 + LEASE_MS / 1_000));
      expect(passed).toBeGreaterThanOrEqual(burst + 0.8 * perSecond * 10 - burst / 4);
    });
  });
}
