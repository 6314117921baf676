import type { TenantId } from "#core/ids.ts";
import type { AgentHealth } from "#ports/agents.ts";
import type { Engine } from "./engine.ts";

/** Whose circuit breakers a session of a tenant goes by. */
export const healthOf = (
  { health, tenantBreakers = false }: Pick<Engine, "health" | "tenantBreakers">,
  tenant: TenantId,
): AgentHealth => (tenantBreakers ? tenantHealth(health, tenant) : health);

/** What an agent's breakers of one tenant are named by. No tenant's name has a slash. */
const ownNames = (tenant: TenantId): string => `${tenant}/`;

/**
 * The circuit breakers of one tenant, beside those of all others: tasks of a tenant that fail, or wait too long behind its own, open none but its
 * own. An agent that fails everybody opens them one by one.
 */
function tenantHealth(health: AgentHealth, tenant: TenantId): AgentHealth {
  const own = ownNames(tenant);
  return {
    async breakerStates() {
      const states = Object.entries(await health.breakerStates(own));
      return Object.fromEntries(states.map(([name, state]) => [name.slice(own.length), state]));
    },
    report: (agent, outcome) => health.report(own + agent, outcome),
  };
}
