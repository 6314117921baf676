import type { Ground, MakeArm, Workload } from "./arms/arm.ts";
import { startClients, startFlood, type Arrivals } from "./client.ts";
import { INCIDENTS, judge, LATE_MS, type Incident } from "./incidents.ts";
import { Account, FunctionPool } from "./kernel/function-pool.ts";
import { Kernel } from "./kernel/kernel.ts";
import { Meter } from "./kernel/meter.ts";
import { isNoisy, Ledger } from "./ledger.ts";
import { countOutcomes, type OutcomeCounts } from "./outcomes.ts";
import type { Params } from "./params.ts";

export interface RunSpec {
  readonly arm: MakeArm;
  readonly params: Params;
  readonly seed: number;
  readonly workload: Workload;
  readonly arrivals: Arrivals;
  /** Of another tenant, whose sessions are not in the result. @default nobody floods */
  readonly flood?: Arrivals | undefined;
  /** By how much faults are more frequent than the parameters say. */
  readonly faults: number;
}

/** What came out of one run of one arm. */
export interface RunResult {
  readonly sessions: number;
  readonly messages: number;
  /** From the intended arrival, ms, models' time in it; `Infinity` where there was no answer. */
  readonly latencies: readonly number[];
  /** The same without models' time. */
  readonly coordination: readonly number[];
  readonly refused: number;
  /** Sessions with a fallback, in doubt, and with a refusal. */
  readonly outcomes: OutcomeCounts;
  /** Sessions with each kind of incident, and with any. */
  readonly incidents: Readonly<Record<Incident | "any", number>>;
  /** Sessions with an incident, or with a message that was answered late or never. */
  readonly troubled: number;
  /** Messages that were answered, and answered right. */
  readonly answered: number;
  readonly correct: number;
  readonly cpuMs: ReadonlyMap<string, number>;
  readonly requests: ReadonlyMap<string, number>;
}

/** So many environments of each function stand ready: light load is measured warm, and said so. */
const WARM = 20;

/** Plays a load on an arm in virtual time, until nothing goes on any more. */
export async function playRun({
  arm: make,
  params,
  seed,
  workload,
  arrivals,
  flood,
  faults,
}: RunSpec): Promise<RunResult> {
  const badMinuteAt = faults === 0 ? Infinity : arrivals.forMs / 3;
  const kernel = new Kernel({ seed, params, faults, badMinuteAt });
  const meter = new Meter();
  const ledger = new Ledger();
  const account = new Account(params.functions.accountConcurrency);
  const ground: Ground = {
    kernel,
    meter,
    ledger,
    account,
    workload,
    pool: (spec) =>
      new FunctionPool(kernel, meter, account, {
        cap: Infinity,
        timeoutMs: params.functions.timeoutMs,
        memoryMb: params.functions.memoryMb,
        warm: WARM,
        ...spec,
      }),
  };
  const arm = make(ground);
  startClients(kernel, ledger, arm, arrivals);
  if (flood !== undefined) startFlood(kernel, ledger, arm, flood);
  await kernel.run();
  return resultOf(ledger, meter, { agents: workload.agents, staleGraceMs: params.wellBuilt.staleGraceMs });
}

function resultOf(ledger: Ledger, meter: Meter, expected: Parameters<typeof judge>[1]): RunResult {
  const incidents: Record<Incident | "any", number> = { any: 0, wrong: 0, doubled: 0, stale: 0, lost: 0 };
  const latencies: number[] = [];
  const coordination: number[] = [];
  let refused = 0;
  let troubled = 0;
  let answered = 0;
  let correct = 0;
  const judgedSessions = [...ledger.sessions.values()].filter(({ session }) => !isNoisy(session));
  for (const record of judgedSessions) {
    const judged = judge(record, expected);
    for (const kind of INCIDENTS) if (judged.incidents.has(kind)) incidents[kind] += 1;
    if (judged.incidents.size > 0) incidents.any += 1;
    if (judged.incidents.size > 0 || judged.latencies.some((ms) => ms > LATE_MS)) troubled += 1;
    refused += judged.refused;
    latencies.push(...judged.latencies);
    for (const { message, intendedAt, answer } of record.messages.values()) {
      const took = answer === undefined ? Infinity : answer.at - intendedAt;
      coordination.push(took - (record.modelMs.get(message) ?? 0));
      if (answer?.type !== "reply") continue;
      answered += 1;
      if (judged.incidents.size === 0) correct += 1;
    }
  }
  const { cpuMs, requests } = meter;
  return {
    sessions: judgedSessions.length,
    messages: latencies.length,
    latencies,
    coordination,
    refused,
    outcomes: countOutcomes(ledger.sessions.values()),
    incidents,
    troubled,
    answered,
    correct,
    cpuMs,
    requests,
  };
}
