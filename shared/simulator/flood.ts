import { compileApplication, contractsOf } from "#core/flow/application.ts";
import { defineFlow, fallback, step } from "#core/flow/build.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import { visitPlan } from "#core/flow/visit-plan.ts";
import { sameJson, type Json } from "#core/json.ts";
import { MEAN_WORK_MS, simAgent } from "./sim-agents.ts";
import { digest, type PreparedCase, type SimCase } from "./cases.ts";
import { chance, pickOne } from "#memory/seeded-chance.ts";
import { checkRun } from "./checks.ts";
import type { History } from "./checks/history.ts";
import type { Violation } from "./checks/violation.ts";
import { START } from "./sim-names.ts";
import { runPlan } from "./run-plan.ts";
import { SAMPLE_CASES } from "./sample-flows.ts";
import type { PlannedInput, Scenario } from "./scenario.ts";
import type { Crowd } from "./slots.ts";

export interface FloodOptions {
  /** How long inputs come, ms of virtual time. @default 6 s */
  readonly lastsMs?: number;
  /** Whether the flooded agent has no more than its share of the account's functions. @default true */
  readonly bulkhead?: boolean;
}

/** Latencies of sessions from their input to their last reply, ms. */
export interface Latency {
  readonly p50: number;
  readonly p95: number;
}

/** What a flood did to sessions beside it. */
export interface BesideFlood {
  readonly quietSessions: number;
  readonly floodSessions: number;
  /** What the flooded agents can work off, and what came for them, a second. */
  readonly capacity: number;
  readonly offered: number;
  readonly calm: Latency;
  readonly flooded: Latency;
  /** Quiet sessions that ended with other results than without the flood. */
  readonly otherEnds: readonly string[];
  readonly violations: readonly Violation[];
}

/** What a flood of one agent did to the sessions that do not use it. */
export interface Flooded extends BesideFlood {
  readonly agent: string;
}

const SEED = 1;
/** Agents take half a second on average. */
const PACE = 8;
const SLOTS = 40;
const FLOODED_SLOTS = 2;
const USUAL_SLOTS = 20;
const QUIET_PER_SECOND = 8;
/** So many times as much comes for the agent as it can work off. */
const TIMES_CAPACITY = 20;
const FLOOD_EVENT = "Flooded";

/** Runs quiet sessions alone and beside a flood of one agent at twenty times its capacity. */
export async function floodAgent(agent: string, options: FloodOptions = {}): Promise<Flooded> {
  const { lastsMs = 6_000, bulkhead = true } = options;
  const { subject, quietTypes } = caseFor(agent);
  const capacity = (FLOODED_SLOTS * 1_000) / (PACE * MEAN_WORK_MS);
  const quiet = inputsOf("q", quietTypes, QUIET_PER_SECOND, lastsMs);
  const flood = inputsOf("f", [FLOOD_EVENT], capacity * TIMES_CAPACITY, lastsMs);
  const crowd: Crowd = {
    slots: SLOTS,
    concurrency: (name) => (name !== agent ? USUAL_SLOTS : bulkhead ? FLOODED_SLOTS : SLOTS),
    pace: PACE,
  };
  const run = async (inputs: readonly PlannedInput[]) => {
    const scenario: Scenario = { sessions: inputs.map(({ session }) => session), inputs, idWindow: 8 };
    const { worldResult } = await runPlan({
      seed: SEED,
      subject,
      scenario,
      plan: { type: "only", faults: new Map() },
      crowd,
    });
    const records = new Map([...worldResult.records].filter(([session]) => session.startsWith("q")));
    return checkRun({ ...worldResult, records }, false);
  };
  return { agent, ...(await besideFlood({ quiet, flood, capacity, lastsMs, run })) };
}

interface FloodRuns {
  readonly quiet: readonly PlannedInput[];
  readonly flood: readonly PlannedInput[];
  readonly capacity: number;
  readonly lastsMs: number;
  /** Plays inputs, and gives the histories of the quiet sessions among them. */
  run(inputs: readonly PlannedInput[]): Promise<{
    readonly histories: readonly History[];
    readonly violations: readonly Violation[];
  }>;
}

/** Runs quiet sessions alone and beside a flood, and compares them. */
export async function besideFlood({ quiet, flood, capacity, lastsMs, run }: FloodRuns): Promise<BesideFlood> {
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

/** The sample flows that do not use an agent, beside one that uses nothing else. */
function caseFor(agent: string): { readonly subject: PreparedCase; readonly quietTypes: readonly string[] } {
  const uses = (flow: FlowDefinition) =>
    contractsOf({ flows: [flow] }).some(({ spec }) => spec.name === agent);
  for (const make of SAMPLE_CASES) {
    const { agents = [], flows, name }: SimCase = make(simAgent);
    if (!agents.some(({ spec }) => spec.name === agent)) continue;
    const quiet = flows.filter((flow) => !uses(flow) && !hasSubFlow(flow));
    const quietTypes = quiet.flatMap(({ on }) => (on === undefined ? [] : [on]));
    if (quietTypes.length === 0)
      throw new RangeError(`Every flow of "${name}" uses agent "${agent}": flood another one.`);
    // The same queue; what else it reads does not matter here.
    const flooded = simAgent({ name: agent });
    const flood = defineFlow({
      name: "flood",
      on: FLOOD_EVENT,
      plan: step(flooded, { fallback: fallback.skip() }),
    });
    const others = agents.filter(({ spec }) => spec.name !== agent);
    // Not linted: what the flows that are left out would write is read in vain.
    const application = compileApplication(
      { agents: [...others, flooded], flows: [...quiet, flood] },
      digest,
    );
    return { subject: { name, application, next: () => application }, quietTypes };
  }
  throw new RangeError(`No sample flow uses an agent named "${agent}".`);
}

function hasSubFlow({ plan }: FlowDefinition): boolean {
  let found = false;
  visitPlan(plan, ({ node }) => (found ||= node.kind === "flow"));
  return found;
}

/** One input for each of many sessions, at even odds over the time. */
export function inputsOf(
  prefix: string,
  types: readonly string[],
  perSecond: number,
  lastsMs: number,
): readonly PlannedInput[] {
  return Array.from({ length: Math.round((perSecond * lastsMs) / 1_000) }, (_, index): PlannedInput => {
    const session = `${prefix}${index}`;
    return {
      name: session,
      session,
      at: Math.round(chance(SEED, `${session} at`) * lastsMs),
      via: "http",
      source: "web",
      id: session,
      what: {
        type: "event",
        body: { type: pickOne(SEED, `${session} type`, types), data: { n: index % 10 } },
      },
      retries: 4,
      waitMs: 0,
    };
  });
}

function endOf({ events, final }: History): Json {
  return [final.context, events.flatMap(({ type, data }) => (type === "ReplySent" ? [data.body] : []))];
}

function latencyOf(histories: readonly History[], inputs: readonly PlannedInput[]): Latency {
  const sent = new Map(inputs.map(({ session, at }) => [session, START + at]));
  const times = histories.map(({ record }) => {
    const replied = record.appended.findLast(({ commit }) =>
      commit.events.some(({ type }) => type === "ReplySent"),
    );
    return (replied?.at ?? Infinity) - (sent.get(record.key) ?? 0);
  });
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.ceil(share * times.length) - 1] ?? Infinity;
  return { p50: at(0.5), p95: at(0.95) };
}
