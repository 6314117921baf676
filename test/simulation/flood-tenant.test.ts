import { describe, expect, it } from "vitest";
import { floodTenant } from "#simulator/flood-tenant.ts";

const LASTS_MS = 3_000;

describe("a tenant that floods the agents of another one at five times their capacity", () => {
  it("changes neither results nor median of the other one where its tasks in flight are bounded, and every promise holds", async () => {
    const flooded = await floodTenant({ tenantInFlight: 4, lastsMs: LASTS_MS });
    expect(flooded.offered / flooded.capacity).toBeCloseTo(5, 0);
    expect(flooded.otherEnds).toEqual([]);
    expect(flooded.violations).toEqual([]);
    expect(flooded.flooded.p50 / flooded.calm.p50).toBeLessThanOrEqual(1.5);
  });

  it("holds the other one up without a bound", async () => {
    const { calm, flooded } = await floodTenant({ lastsMs: LASTS_MS });
    expect(flooded.p50 / calm.p50).toBeGreaterThan(2);
  });
});
