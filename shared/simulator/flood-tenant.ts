import { compileApplication } from "#core/flow/application.ts";
import { defineFlow, reply, sequence, step } from "#core/flow/build.ts";
import { digest, type PreparedCase } from "./cases.ts";
import { checkRun } from "./checks.ts";
import { besideFlood, inputsOf, type BesideFlood } from "./flood.ts";
import { runPlan } from "./run-plan.ts";
import type { PlannedInput, Scenario } from "./scenario.ts";
import { MEAN_WORK_MS, simAgent } from "./sim-agents.ts";
import { NOISY } from "./sim-names.ts";
import type { Crowd } from "./slots.ts";

export interface TenantFloodOptions {
  /** How many tasks of a tenant an agent's queue has in flight at most. @default any number */
  readonly tenantInFlight?: number | undefined;
  /** How long inputs come, ms of virtual time. @default 6 s */
  readonly lastsMs?: number;
}

const SEED = 1;
/** Agents take half a second on average. */
const PACE = 8;
const SLOTS = 400;
/** The bulkhead of each agent. */
export const AGENT_SLOTS = 10;
const QUIET_PER_SECOND = 2;
const TIMES_CAPACITY = 5;
const EVENT = "Asked";
const QUIET = "q";

/** Runs a quiet tenant's sessions alone, and beside a tenant whose sessions are five times what the same agents can work off. */
export async function floodTenant({
  tenantInFlight,
  lastsMs = 6_000,
}: TenantFloodOptions = {}): Promise<BesideFlood> {
  const capacity = (AGENT_SLOTS * 1_000) / (PACE * MEAN_WORK_MS);
  const quiet = inputsOf(QUIET, [EVENT], QUIET_PER_SECOND, lastsMs);
  const flood = inputsOf(NOISY, [EVENT], capacity * TIMES_CAPACITY, lastsMs);
  const crowd: Crowd = { slots: SLOTS, concurrency: () => AGENT_SLOTS, pace: PACE };
  const subject = threeAgents();
  const run = async (inputs: readonly PlannedInput[]) => {
    const scenario: Scenario = {
      sessions: inputs.map(({ session }) => session),
      inputs,
      idWindow: 8,
      ...(tenantInFlight !== undefined && { tenantInFlight }),
    };
    const { worldResult } = await runPlan({
      seed: SEED,
      subject,
      scenario,
      plan: { type: "only", faults: new Map() },
      crowd,
    });
    const { histories, violations } = await checkRun(worldResult, false);
    return { violations, histories: histories.filter(({ record }) => record.key.startsWith(QUIET)) };
  };
  return besideFlood({ quiet, flood, capacity, lastsMs, run });
}

/** Three agents in sequence, which both tenants use. */
function threeAgents(): PreparedCase {
  const agents = ["first", "second", "third"].map((name) => simAgent({ name }));
  const plan = sequence(...agents.map((agent) => step(agent)), reply("third"));
  const application = compileApplication(
    { agents, flows: [defineFlow({ name: "asked", on: EVENT, plan })] },
    digest,
  );
  return { name: "three agents", application, next: () => application };
}
