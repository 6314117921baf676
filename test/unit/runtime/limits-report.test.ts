import { describe, expect, it } from "vitest";
import { parseSessionKey } from "#core/ids.ts";
import { createLimitsReport } from "#runtime/health/create-limits-report.ts";

const tenantOf = (tenant: string) => parseSessionKey({ tenant, session: "s" }).tenant;
const NOW = 1_000_000;

const limits = createLimitsReport({
  quotas: { "*": { perSecond: 2, burst: 10 }, shop: { perSecond: 10, burst: 100 } },
  bounds: { tasksInFlight: 4, waits: { total: 200, perTenant: 50 } },
  buckets: { fullAt: (tenant) => Promise.resolve(tenant === "shop" ? NOW + 9_000 : 0) },
  clock: { now: () => NOW },
});

describe("the limits of a deployment", () => {
  it("tell a tenant its own quota and what is left of it", async () => {
    expect(await limits(tenantOf("shop"))).toEqual({
      events: [{ tenant: "shop", perSecond: 10, burst: 100, left: 10 }],
      tasksInFlight: 4,
      waits: { total: 200, perTenant: 50 },
    });
    expect((await limits(tenantOf("acme"))).events).toEqual([
      { tenant: "acme", perSecond: 2, burst: 10, left: 10 },
    ]);
  });

  it("tell who operates for all tenants each quota that is named, that of all others last", async () => {
    expect((await limits(undefined)).events).toEqual([
      { tenant: "shop", perSecond: 10, burst: 100 },
      { tenant: "*", perSecond: 2, burst: 10 },
    ]);
  });

  it("tell who operates for the one tenant that there is what is left", async () => {
    const ofOne = createLimitsReport({
      quotas: { "*": { perSecond: 2, burst: 10 } },
      bounds: {},
      only: tenantOf("default"),
      buckets: { fullAt: () => Promise.resolve(NOW + 2_000) },
      clock: { now: () => NOW },
    });
    expect(await ofOne(undefined)).toEqual({
      events: [{ tenant: "default", perSecond: 2, burst: 10, left: 6 }],
    });
  });

  it("have no quota where a deployment has none", async () => {
    const none = createLimitsReport({
      quotas: {},
      bounds: {},
      buckets: { fullAt: () => Promise.reject(new Error("nobody asks")) },
      clock: { now: () => NOW },
    });
    expect(await none(tenantOf("shop"))).toEqual({ events: [] });
  });
});
