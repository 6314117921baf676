import { AGENT_SLOTS, floodTenant } from "#simulator/flood-tenant.ts";
import { told } from "./run-flood.ts";

/** The quiet tenant's sessions may be slower by so much. */
const MOST_SLOWER = 1.5;

/** Floods the agents by one tenant, prints what became of another one, and answers whether it ended in time and every promise held. */
export async function runFloodTenant(tenantInFlight: number, json: boolean): Promise<boolean> {
  const result = await floodTenant({ ...(tenantInFlight > 0 && { tenantInFlight }) });
  const { quietSessions, floodSessions, capacity, offered, calm, flooded, otherEnds, violations } = result;
  const slower = flooded.p50 / calm.p50;
  if (json) console.log(JSON.stringify({ ...result, slower }));
  else {
    const bound = tenantInFlight > 0 ? `${tenantInFlight} tasks a tenant in flight` : "no bound a tenant";
    console.log(
      `${floodSessions} sessions of one tenant come at ${offered.toFixed(0)}/s; agents of ${AGENT_SLOTS} at once work off ${capacity.toFixed(0)}/s; ${bound}`,
    );
    console.log(
      `${quietSessions} sessions of another tenant, same agents: ${told(calm)} alone, ${told(flooded)} beside the flood`,
    );
    console.log(
      `p50 ×${slower.toFixed(3)}, ${otherEnds.length} with different results, ${violations.length} violations`,
    );
    for (const { promise, check, session, problem } of violations.slice(0, 5))
      console.log(`  ${promise}: ${check}: ${session}: ${problem}`);
  }
  return slower <= MOST_SLOWER && otherEnds.length === 0 && violations.length === 0;
}
