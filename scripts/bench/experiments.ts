import { ABLATIONS, LOAD_ARMS, MAIN_ARMS, type Cell } from "./cell.ts";
import { PARAM_ENTRIES, PARAMS } from "./params.ts";
import { PROVISIONED } from "./tenants.ts";

/** How much of each experiment is played. */
export interface Scale {
  readonly seeds: number;
  /** Of virtual time in each run, ms. */
  readonly forMs: number;
  /** The same where agents call models: a collapse needs time to show, since models take seconds, and clients wait for half a minute. */
  readonly loadForMs: number;
  readonly agents: readonly number[];
  readonly fetches: readonly number[];
  readonly caps: readonly number[];
  readonly rates: readonly number[];
  readonly bursty: readonly boolean[];
  readonly faults: readonly number[];
  readonly ablations: boolean;
  readonly tornado: boolean;
  /** Numbers of agents with which levers are tried. */
  readonly levers: readonly number[];
}

const MINUTE_MS = 60_000;

/** Fifteen minutes on two cores. */
export const FULL: Scale = {
  seeds: 10,
  forMs: MINUTE_MS,
  loadForMs: 1.5 * MINUTE_MS,
  agents: [3, 5, 10, 20],
  fetches: [3, 4, 5],
  caps: [10, 20, 100],
  rates: [1, 2, 4, 8],
  bursty: [false, true],
  faults: [1, 10, 100],
  ablations: true,
  tornado: true,
  levers: [3, 5],
};

/** Less than a minute. */
export const QUICK: Scale = {
  seeds: 2,
  forMs: MINUTE_MS,
  loadForMs: MINUTE_MS,
  agents: [3, 5],
  fetches: [4],
  caps: [20],
  rates: [1, 4],
  bursty: [false],
  faults: [10],
  ablations: false,
  tornado: false,
  levers: [3],
};

/** Sessions a second at which nobody waits for anybody. */
const LIGHT = 1;
const FAULTY = 2;

const seedsOf = ({ seeds }: Scale): readonly number[] => Array.from({ length: seeds }, (_, seed) => seed + 1);
const cap = PARAMS.load.cap;

/** Coordination alone, while nobody waits for anybody: from 3 to 20 agents; the naive mesh with k fetches an agent. */
export const lightCells = (scale: Scale): readonly Cell[] =>
  scale.agents.flatMap((agents) =>
    seedsOf(scale).flatMap((seed) => {
      const arrivals = { perSecond: LIGHT, forMs: scale.forMs, bursty: false };
      const base = { seed, agents, cap, work: "coordination", arrivals, faults: 0 } as const;
      return [
        ...scale.fetches.map((k): Cell => ({ ...base, arm: "naive", changed: { "load.fetches": k } })),
        ...MAIN_ARMS.filter((arm) => arm !== "naive").map((arm): Cell => ({ ...base, arm })),
      ];
    }),
  );

/** Agents that call models, against caps: where each architecture no longer answers. */
export const loadCells = (scale: Scale): readonly Cell[] =>
  scale.caps.flatMap((most) =>
    scale.bursty.flatMap((bursty) =>
      scale.rates.flatMap((perSecond) =>
        seedsOf(scale).flatMap((seed) =>
          LOAD_ARMS.map((arm): Cell => {
            const arrivals = { perSecond, forMs: scale.loadForMs, bursty };
            return { arm, seed, agents: PARAMS.load.agents, cap: most, work: "models", arrivals, faults: 0 };
          }),
        ),
      ),
    ),
  );

/** What goes wrong at AWS and in agents, at the rates of the parameters and at many times that. */
export const faultCells = (scale: Scale): readonly Cell[] =>
  scale.faults.flatMap((faults) =>
    seedsOf(scale).flatMap((seed) =>
      [...MAIN_ARMS, ...(scale.ablations ? Object.keys(ABLATIONS) : [])].map((arm): Cell => {
        const arrivals = { perSecond: FAULTY, forMs: 2 * scale.forMs, bursty: false };
        return { arm, seed, agents: PARAMS.load.agents, cap, work: "effect", arrivals, faults };
      }),
    ),
  );

/** One way of running the spine, beside the one that is deployed. */
export interface Lever {
  readonly name: string;
  readonly arm: string;
  readonly changed?: Readonly<Record<string, unknown>>;
  /** Whether it is how a spine is deployed, and why, or why not. */
  readonly verdict: string;
}

export const LEVERS: readonly Lever[] = [
  { name: "as it is deployed", arm: "spine", verdict: "" },
  {
    name: "all agents in one group",
    arm: "spine, one group",
    verdict: "by choice: a group shares its rights and its failures",
  },
  {
    name: "the door at 512 MB, 0.29 of a processor",
    arm: "spine",
    changed: { "functions.doorMemoryMb": 512 },
    verdict: "no: every agent waits for it; a million sessions of five agents cost about $1 less",
  },
  {
    name: "no state kept in the door's process",
    arm: "spine",
    changed: { "functions.keepsStates": 0 },
    verdict: "no: a read less for each answer that comes to the same environment",
  },
  {
    name: "every function at 1,769 MB, a whole processor",
    arm: "spine",
    changed: { "functions.memoryMb": 1_769 },
    verdict: "no: ingress and hosts would pay for it while they wait for models; `memorySize` sets it",
  },
  {
    name: "agents on standard queues, a look at the door before what comes again",
    arm: "spine, standard queues",
    verdict:
      "no: nothing drops the relay's second send there, and one that still runs when it comes again would run twice",
  },
  {
    name: "answers by the queue, not by the door",
    arm: "spine, queued answers",
    verdict: "no: a second queue in every step; only what the door cannot take goes there",
  },
  {
    name: "tasks of a tenant in flight bounded",
    arm: "spine, bounded tenants",
    verdict: "by choice (`tenantInFlight`): its sessions share groups, and may wait for one another",
  },
  {
    name: "provisioned pollers",
    arm: "spine",
    changed: PROVISIONED,
    verdict: "by choice (`provisionedPollers`): for sudden loads, at about $13.50 a month and lane",
  },
];

/** What each lever does at light load. */
export const leverCells = (scale: Scale): readonly Cell[] =>
  LEVERS.flatMap(({ arm, changed }) =>
    scale.levers.flatMap((agents) =>
      seedsOf(scale).map((seed): Cell => {
        const arrivals = { perSecond: LIGHT, forMs: scale.forMs, bursty: false };
        const base = { arm, seed, agents, cap, work: "coordination", arrivals, faults: 0 } as const;
        return { ...base, changed: { ...changed } };
      }),
    ),
  );

/** What each parameter's range does to the spine, and to the strongest rival, at light load. */
export const SWAYING = [
  "latencies.sqsFifo",
  "latencies.invoke",
  "latencies.http",
  "latencies.read",
  "latencies.write",
  "functions.memoryMb",
  "functions.doorMemoryMb",
  "cpu.sdkCall",
  "cpu.ingress",
  "cpu.door",
  "cpu.host",
  "cpu.meshHandler",
  "cpu.flatHandler",
] as const;

export const tornadoCells = (scale: Scale): readonly Cell[] =>
  !scale.tornado
    ? []
    : SWAYING.flatMap((name) =>
        rangeOf(name).flatMap((value) =>
          (["flat", "spine"] as const).map((arm): Cell => ({
            arm,
            seed: 1,
            agents: 3,
            cap,
            work: "coordination",
            arrivals: { perSecond: LIGHT, forMs: 2 * scale.forMs, bursty: false },
            faults: 0,
            changed: { [name]: value },
          })),
        ),
      );

/** The two ends of a parameter's range, as values of it: of a latency all that the range names. */
function rangeOf(name: string): readonly unknown[] {
  const entry = PARAM_ENTRIES.get(name);
  if (entry === undefined) throw new RangeError(`No parameter is named "${name}".`);
  const { value, range } = entry;
  if (Array.isArray(range)) return range as readonly unknown[];
  const ranges = Object.entries(range as Readonly<Record<string, readonly [number, number]>>);
  return [0, 1].map((end) => {
    const quantiles = { ...(value as Readonly<Record<string, number>>) };
    for (const [quantile, ends] of ranges) quantiles[quantile] = ends[end as 0 | 1];
    const scale = (quantiles["p50"] ?? 1) / ((value as Readonly<Record<string, number>>)["p50"] ?? 1);
    // What the range does not name moves with the median.
    for (const quantile of ["p10", "p90", "p99"])
      if (!(quantile in (range as object))) quantiles[quantile] = (quantiles[quantile] ?? 0) * scale;
    return quantiles;
  });
}
