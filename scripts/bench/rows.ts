import type { EngineRound, EngineSpeed } from "./engine/in-process.ts";
import type { LocalReport } from "./engine/local-runtime.ts";
import type { Flatness } from "../flat/flatness.ts";
import { flatnessRows } from "./flatness-rows.ts";
import { PARAMS } from "./params.ts";
import { rowOf as row, type Row } from "./row-of.ts";
import { median, shareOf } from "../statistics.ts";
import { LATE_MS } from "./incidents.ts";
import type { Summary } from "./summary.ts";
import { TENANT_MEASURE, tenantFigure } from "./tenants.ts";

export type { Row };

export interface Simulated {
  readonly light: readonly Summary[];
  /** By lever, and by number of agents. */
  readonly levers: readonly Summary[];
  readonly load: readonly Summary[];
  readonly faults: readonly Summary[];
  /** By case of `TENANT_CASES`. */
  readonly tenants?: readonly Summary[];
}

export interface OnThisMachine {
  readonly engines?: readonly EngineRound[];
  readonly local?: LocalReport;
  readonly usdAMillion?: number;
  readonly usdAMillionGrouped?: number;
  /** What the list of sessions costs beside. */
  readonly usdAMillionListed?: number;
  /** What an hour of one open stream costs beside. */
  readonly usdAStreamHour?: number;
  readonly firstReplyMs?: { readonly warm: number; readonly cold: number };
  readonly flatness?: Flatness;
}

const ANSWERS_LESS = 0.9;

/** Every row of what the bench is to reach. What was not measured has no value, and says so. */
export function rowsOf(simulated: Simulated, machine: OnThisMachine): readonly Row[] {
  const { value, how } = tenantFigure(simulated.tenants);
  return [
    ...simulatedRows(simulated),
    row(TENANT_MEASURE, value, how),
    ...machineRows(machine),
    ...flatnessRows(machine.flatness),
  ];
}

function simulatedRows({ light, load, faults }: Simulated): readonly Row[] {
  const lightOf = (arm: string, agents: number, fetches?: number) =>
    light.find(
      (one) => one.arm === arm && one.agents === agents && (fetches === undefined || one.fetches === fetches),
    );
  const { agents, cap, fetches } = PARAMS.load;
  const three = lightOf("spine", 3);
  const grouped = lightOf("spine, one group", 3);
  const loaded = load.filter((one) => one.cap === cap && !one.bursty);
  const slowest = Math.min(...loaded.map(({ perSecond }) => perSecond));
  const overloaded = loaded.find((one) => one.arm === "naive" && one.answered < ANSWERS_LESS);
  const spineAt = (perSecond: number) =>
    loaded.find((one) => one.arm === "spine" && one.perSecond === perSecond);
  const under = overloaded && spineAt(overloaded.perSecond);
  const calm = spineAt(slowest);
  const faulty = (arm: string) => faults.find((one) => one.arm === arm && one.faults === 10);
  const [spine, naive, flat] = [faulty("spine"), faulty("naive"), faulty("flat")];
  const [spineCpu, naiveCpu] = [lightOf("spine", agents), lightOf("naive", agents, fetches)];
  const percent = (value: number) => `${(value * 100).toFixed(2)} %`;
  const troubled = (one: Summary | undefined) => one?.troubled ?? shareOf(0, 0);
  const told = (one: Summary | undefined) => {
    const { share, low, high } = troubled(one);
    return `${percent(share)} (${percent(low)} to ${percent(high)})`;
  };
  const both = (rival: string, of: Summary | undefined) =>
    `${told(spine)} of the spine's sessions and ${told(of)} of the ${rival} rival's have an incident or an answer after ${LATE_MS / 1_000} s or never, faults ×10`;
  return [
    row(
      { id: "p50-3-agents", measure: "3 agents in sequence, coordination only, p50", unit: "ms", bound: 180 },
      three?.latency.p50,
      `p99 ${three?.latency.p99.toFixed(0)} ms, which rests on ten published samples; the naive mesh ${lightOf("naive", 3, fetches)?.latency.p50.toFixed(0)}, the flat rival ${lightOf("flat", 3)?.latency.p50.toFixed(0)}`,
    ),
    row(
      { id: "p50-3-agents-group", measure: "the same in one group", unit: "ms", bound: 130 },
      grouped?.latency.p50,
      `p99 ${grouped?.latency.p99.toFixed(0)} ms; the first task still takes a queue`,
    ),
    row(
      {
        id: "p50-under-load",
        measure: `p50 of coordination at the load at which the naive mesh answers less than 90 %, against the spine's at ${slowest} sessions/s`,
        unit: "×",
        bound: 1.2,
      },
      under && calm ? under.coordination.p50 / calm.coordination.p50 : undefined,
      overloaded === undefined
        ? "the naive mesh answered 90 % at every load that was played"
        : `at ${overloaded.perSecond} sessions/s the naive mesh answers ${percent(overloaded.answered)}, the spine ${percent(under?.answered ?? NaN)}`,
    ),
    row(
      {
        id: "incidents-naive",
        measure: `incidents under faults, late at ${LATE_MS / 1_000} s, against naive`,
        unit: "×",
        bound: 0.01,
      },
      troubled(spine).share / troubled(naive).share,
      both("naive", naive),
    ),
    row(
      { id: "incidents-flat", measure: "the same against well-built flat", unit: "×", bound: 0.29 },
      troubled(spine).share / troubled(flat).share,
      both("flat", flat),
    ),
    row(
      {
        id: "cpu",
        measure: `CPU a correctly answered session of ${agents} agents against naive at k = ${fetches}, Prefer: wait`,
        unit: "×",
        bound: 0.64,
      },
      (spineCpu?.cpuACorrect ?? NaN) / (naiveCpu?.cpuACorrect ?? NaN),
      `${spineCpu?.cpuACorrect.toFixed(0)} against ${naiveCpu?.cpuACorrect.toFixed(0)} CPU-ms; ingress waits up to 25 s, which is part of it`,
    ),
  ];
}

const CENTS = 100;

function machineRows({
  engines = [],
  local,
  usdAMillion,
  usdAMillionGrouped,
  usdAMillionListed,
  usdAStreamHour,
  firstReplyMs,
}: OnThisMachine): readonly Row[] {
  const total = local && local.atEight.functionsCpuMs + local.atEight.emulatorCpuMs;
  return [
    row(
      { id: "price", measure: "a million 5-agent sessions, nobody waits", unit: "$", bound: 38 },
      usdAMillion,
      usdAMillion === undefined
        ? undefined
        : "requests counted at the local endpoints, list prices; npm run price has it by cause",
    ),
    row(
      { id: "price-group", measure: "the same in one group", unit: "$", bound: 30 },
      usdAMillionGrouped,
      usdAMillionGrouped === undefined ? undefined : "of the two agents side by side one takes its queue",
    ),
    row(
      { id: "price-list", measure: "the list of sessions, beside: a million sessions", unit: "$", bound: 6 },
      usdAMillionListed,
      usdAMillionListed === undefined ? undefined : "the relay's puts of rows and its time for them",
    ),
    row(
      {
        id: "stream-hour",
        measure: "a stream of events, beside: an hour of one reader",
        unit: "¢",
        bound: 2,
      },
      usdAStreamHour === undefined ? undefined : usdAStreamHour * CENTS,
      usdAStreamHour === undefined
        ? undefined
        : "capacity units counted over an hour of a movable clock, and the function's memory for the hour",
    ),
    ...engineRows(engines),
    row(
      {
        id: "local-cpu",
        measure: "local runtime: CPU a session, all functions and the emulating process",
        unit: "CPU-ms",
        bound: 70,
      },
      total,
      local &&
        `functions ${local.atEight.functionsCpuMs.toFixed(0)}, emulating process ${local.atEight.emulatorCpuMs.toFixed(0)}`,
    ),
    row(
      {
        id: "local-throughput",
        measure: "local runtime: sessions/s at 8",
        unit: "/s",
        bound: 25,
        smaller: false,
      },
      local?.atEight.perSecond,
      local && `alone ${local.alone.p50Ms.toFixed(0)} ms`,
    ),
    row(
      {
        id: "local-at-64",
        measure: "local runtime: throughput at 64 against 8",
        unit: "×",
        bound: 0.9,
        smaller: false,
      },
      local && local.atSixtyFour.perSecond / local.atEight.perSecond,
      local &&
        `${local.atSixtyFour.fallbacks} sessions with a fallback or failure at 64, ${local.alone.fallbacks} in calm; ${local.atSixtyFour.unanswered} unanswered`,
    ),
    row(
      {
        id: "door",
        measure: "the door, whole warm handler against its bare SDK calls",
        unit: "×",
        bound: 1.3,
      },
      local && local.door.wholeMs / local.door.bareMs,
      local && `${local.door.wholeMs.toFixed(1)} against ${local.door.bareMs.toFixed(1)} CPU-ms`,
    ),
    row(
      { id: "first-reply-warm", measure: "first reply of npm start, warm", unit: "s", bound: 8 },
      firstReplyMs && firstReplyMs.warm / 1_000,
      firstReplyMs && "with the bundles of the last start",
    ),
    row(
      { id: "first-reply-cold", measure: "first reply of npm start, cold", unit: "s", bound: 20 },
      firstReplyMs && firstReplyMs.cold / 1_000,
      firstReplyMs && "with no build of any kind",
    ),
  ];
}

/** Ratios to the bare log of the same round: medians over the rounds. */
function engineRows(rounds: readonly EngineRound[]): readonly Row[] {
  const ratio = (of: (speed: EngineSpeed) => number): number | undefined =>
    rounds.length === 0 ? undefined : median(rounds.map(({ sqlite, bare }) => of(sqlite) / of(bare)));
  const figures = ({ p50AloneMs, perSecond, cpuMs }: EngineSpeed) =>
    `${p50AloneMs.toFixed(1)} ms alone, ${perSecond.toFixed(0)}/s at 32, ${cpuMs.toFixed(1)} CPU-ms`;
  const last = rounds.at(-1);
  const how =
    last &&
    `last round: SQLite ${figures(last.sqlite)}; bare log ${figures(last.bare)}; memory ${figures(last.memory)}`;
  return [
    row(
      { id: "sqlite-cpu", measure: "in process on SQLite, CPU against the bare log", unit: "×", bound: 6 },
      ratio(({ cpuMs }) => cpuMs),
      how,
    ),
    row(
      {
        id: "sqlite-throughput",
        measure: "the same, throughput at 32",
        unit: "×",
        bound: 0.3,
        smaller: false,
      },
      ratio(({ perSecond }) => perSecond),
      how,
    ),
    row(
      { id: "sqlite-p50", measure: "the same, p50 alone", unit: "×", bound: 2 },
      ratio(({ p50AloneMs }) => p50AloneMs),
      how,
    ),
  ];
}
