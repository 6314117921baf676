import { compileApplication } from "#core/flow/application.ts";
import { defineFlow, reply, sequence, step } from "#core/flow/build.ts";
import { sameJson } from "#core/json.ts";
import { digest, type PreparedCase } from "./cases.ts";
import { checkRun } from "./checks.ts";
import type { Violation } from "./checks/violation.ts";
import { endOf, inputsOf, latencyOf, type Latency } from "./flood.ts";
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

/** What a flood of one tenant did to another one that uses the same agents. */
export interface TenantFlooded {
  readonly quietSessions: number;
  readonly floodSessions: number;
  /** Sessions that the agents can work off, and those that came, a second. */
  readonly capacity: number;
  readonly offered: number;
  readonly calm: Latency;
  readonly flooded: Latency;
  /** Quiet sessions that ended with other results than without the flood. */
  readonly otherEnds: readonly string[];
  /** Of all sessions, those of the tenant that floods included. */
  readonly violations: readonly Violation[];
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
}: TenantFloodOptions = {}): Promise<TenantFlooded> {
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
  const alone = await run(quiet);
  const beside = await run([...quiet, ...flood]);
  const ends = new Map(alone.histories.map((history) => [history.record.key, endOf(history)]));
  return {
    quietSessions: quiet.length,
    floodSessions: flood.length,
    capacity,
    offered: (flood.length * 1_000) / lastsMs,
    calm: latencyOf(alone.histories, quiet),
    flooded: latencyOf(beside.histories, quiet),
    otherEnds: beside.histories.flatMap((history) =>
      sameJson(ends.get(history.record.key), endOf(history)) ? [] : [history.record.key],
    ),
    violations: [...alone.violations, ...beside.violations],
  };
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
