import { describe, expect, it } from "vitest";
import { parseTenantId } from "#core/ids.ts";
import { createMemoryAgentHealth } from "#memory/memory-agent-health.ts";
import { healthOf } from "#runtime/session/tenant-health.ts";

const [noisy, quiet] = [parseTenantId("noisy"), parseTenantId("quiet")];

function healthWith(tenantBreakers: boolean) {
  const engine = { health: createMemoryAgentHealth({ now: () => 0 }), tenantBreakers };
  for (let times = 0; times < 20; times += 1) healthOf(engine, noisy).report("writer", "timed-out");
  return (tenant: typeof noisy) => healthOf(engine, tenant).breakerStates();
}

describe("circuit breakers of tenants", () => {
  it("open for the tenant whose tasks fail, and stay closed for others", async () => {
    const statesOf = healthWith(true);
    expect(await statesOf(noisy)).toEqual({ writer: "open" });
    expect(await statesOf(quiet)).toEqual({});
  });

  it("are those of all tenants by default", async () => {
    const statesOf = healthWith(false);
    expect(await statesOf(noisy)).toEqual({ writer: "open" });
    expect(await statesOf(quiet)).toEqual({ writer: "open" });
  });
});
