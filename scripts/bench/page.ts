import { ABLATIONS, MAIN_ARMS } from "./cell.ts";
import { ARM_NAMES } from "./charts.ts";
import { LEVERS } from "./experiments.ts";
import { INCIDENTS, LATE_MS } from "./incidents.ts";
import { outcomesSection } from "./outcomes-table.ts";
import { PARAMS } from "./params.ts";
import { PRICES_BESIDE } from "./price-beside.ts";
import type { BenchResult } from "./result.ts";
import type { Row } from "./rows.ts";
import type { Share } from "../statistics.ts";
import type { Summary } from "./summary.ts";
import { tenantSection } from "./tenants.ts";

const ms = (value: number): string => (Number.isFinite(value) ? `${Math.round(value)}` : "none");
const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`;
const interval = ({ share, low, high }: Share): string =>
  `${percent(share, 2)} (${percent(low, 2)} to ${percent(high, 2)})`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const requestsOf = ({ requests }: Summary): number =>
  Object.values(requests).reduce((total, value) => total + value, 0);

const nameOf = (arm: string): string => ARM_NAMES[arm] ?? arm;

/** A row's value as people read it. */
export function formatValue({ value, unit }: Pick<Row, "value" | "unit">): string {
  if (value === null) return "–";
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const text = value.toFixed(digits);
  return unit === "$" ? `$${text}` : `${text} ${unit}`;
}

export const verdictOf = ({ met }: Row): string => (met === null ? "not measured" : met ? "met" : "not met");

/** The page of a full result. */
export function pageOf(result: BenchResult): string {
  const { simulated, rows, date, machine, params } = result;
  const { light, levers, load, faults, tornado, tenants = [] } = simulated;
  const { agents, cap, fetches } = PARAMS.load;
  const at = (summaries: readonly Summary[], of: (one: Summary) => boolean) =>
    MAIN_ARMS.flatMap((arm) => summaries.find((one) => one.arm === arm && of(one)) ?? []);
  const light3 = at(light, (one) => one.agents === 3 && (one.arm !== "naive" || one.fetches === fetches));
  const p50Of = (arm: string) => ms(light3.find((one) => one.arm === arm)?.latency.p50 ?? NaN);
  const refusedOf = (arm: string) =>
    percent(faults.find((one) => one.arm === arm && one.faults === 10)?.refused ?? 0);
  const faulty = faults.filter((one) => one.faults === 10);

  return `# The bench

<!-- Written by \`npm run bench -- --write\`: change scripts/bench/page.ts, not this file. -->

Measured on ${date}, ${machine}; parameters \`${params}\` ([params.json](../../scripts/bench/params.json)).

## Where others win

- **Latency at light load.** Three agents in sequence, nothing but coordination, median: the naive mesh ${p50Of("naive")} ms, a
  well-built nested mesh ${p50Of("nested")} ms, a well-built flat orchestrator ${p50Of("flat")} ms, the spine ${p50Of("spine")} ms, with its agents in one group
  ${p50Of("spine, one group")}. A direct call is faster than a queue, and a spine's step has a queue in it, but for a task that a group's host is handed.
- **CPU.** At light load every rival takes less: a spine reads and commits before each step, relays each commit, and reads while
  somebody waits.
- **Final answers.** Under faults ×10 the spine tells ${refusedOf("spine")} of its clients that the run failed, after all attempts of an agent. A rival's client
  comes again, and the agents with it.
- **A well-built flat orchestrator** with a lease, keys of idempotency and a checkpoint after each agent keeps nearly everything
  that the spine keeps, and answers as many. What it has not got is not in these figures: a log from which everything can be
  rebuilt, waiting for people, timers, pre-emption, agents of other teams that nobody calls.

## What must not be concluded

- **Nothing here was measured on AWS.** What stands under light load, load, faults and what sways the result is simulated: latencies are drawn from published
  quantiles, and where nobody has published any, guessed and marked so in the parameters (\`confidence: "L"\`). The code of all
  arms is really executed, in virtual time.
- Nobody has reproduced the article from which the pattern's headline comes (2.4 s to 180 ms, 71 % fewer incidents, 36 % less CPU), and
  these figures do not reproduce it either: it names no load, no percentiles and no definition of an incident.
- The tail of FIFO queues rests on about ten published samples: no claim about the spine's p99 goes further than that.
- Collapse is a matter of caps: with enough concurrency no mesh collapses at these loads.

## The figures

${table(
  ["measure", "value", "bound", "", "how"],
  rows.map((one) => [
    one.measure,
    formatValue(one),
    `${one.smaller ? "≤" : "≥"} ${formatValue({ value: one.bound, unit: one.unit })}`,
    verdictOf(one),
    one.how,
  ]),
)}

## Light load

One session a second, warm functions of ${PARAMS.functions.memoryMb} MB (the spine's door ${PARAMS.functions.doorMemoryMb}), no model, no effect, no fault.

![Median latency by number of agents](latency-by-agents.svg)

${table(
  ["agents", "arm", "p50 ms", "p90 ms", "p99 ms", "CPU-ms", "requests"],
  light.map((one) => [
    String(one.agents),
    `${nameOf(one.arm)}${one.arm === "naive" ? `, k = ${one.fetches}` : ""}`,
    ms(one.latency.p50),
    ms(one.latency.p90),
    ms(one.latency.p99),
    one.cpuASession.toFixed(1),
    requestsOf(one).toFixed(1),
  ]),
)}

![CPU by cause](cpu.svg)

## Levers

What each change of the spine does at light load. *Adopted* says whether a spine is deployed so.

${table(
  ["lever", "agents", "p50 ms", "p90 ms", "CPU-ms", "requests", "adopted"],
  levers.map((one, at) => {
    const { name, verdict } = LEVERS[Math.floor((at * LEVERS.length) / levers.length)] ?? {
      name: "",
      verdict: "",
    };
    return [
      name,
      String(one.agents),
      ms(one.latency.p50),
      ms(one.latency.p90),
      one.cpuASession.toFixed(1),
      requestsOf(one).toFixed(1),
      verdict,
    ];
  }),
)}

## Load

${agents} agents in sequence, of which all but the acting one call a model (median ${PARAMS.latencies.model.p50} ms); an open loop, timed from
when a message was meant to be sent. *Collapsed* is a seed in which less than 90 % was answered within ${PARAMS.load.clientTimeoutMs / 1_000} s.

![Share that is answered, by load](answered-by-load.svg)

![Coordination by load](coordination-by-load.svg)

${table(
  [
    "cap",
    "arrivals",
    "sessions/s",
    "arm",
    "answered",
    "collapsed",
    "coordination p50 ms",
    "p99 of answered, s",
  ],
  load.map((one) => [
    String(one.cap),
    one.bursty ? "bursty" : "Poisson",
    String(one.perSecond),
    nameOf(one.arm),
    percent(one.answered),
    percent(one.collapsed, 0),
    ms(one.coordination.p50),
    (one.answeredLatency.p99 / 1_000).toFixed(1),
  ]),
)}

## Faults

${agents} agents, one of which acts in a system outside; two sessions a second. ×1 is what the parameters say, and in each run
AWS has one bad minute. Shares of sessions, with intervals of 95 %, or 3/N where none was seen; *or late* counts sessions with an incident, with a message that was answered after ${LATE_MS / 1_000} s, or with one that never was. A *refusal* is an answer that says that the
run failed, after all tries.

![Incidents by kind](incidents.svg)

![Not answered after](late.svg)

${table(
  [
    "faults",
    "arm",
    "any incident",
    "or late",
    ...INCIDENTS,
    "later than 5 s, or never",
    "refused",
    "CPU-ms a correct session",
  ],
  faults.map((one) => [
    `×${one.faults}`,
    nameOf(one.arm),
    interval(one.incidents.any),
    interval(one.troubled),
    ...INCIDENTS.map((kind) => percent(one.incidents[kind].share, 2)),
    percent(one.late[5]?.share ?? NaN, 2),
    percent(one.refused, 2),
    one.cpuACorrect.toFixed(0),
  ]),
)}
${
  faulty.some(({ arm }) => arm in ABLATIONS)
    ? "\nEach *naive +* row is the naive mesh with one fix of the well-built one; *- retries* is without the SDK's own tries.\n"
    : ""
}
${outcomesSection(faults, { nameOf, interval, table })}
${tenantSection(tenants, table)}
## Price

A million sessions of five agents, two of them side by side; nobody waits, and the agents' own time is left out. The spine's requests are counted at
the local endpoints; the others are arithmetic from list prices, and were not run.

${table(
  ["what", "arithmetic", "US$"],
  [
    ...["price", "price-group"].flatMap((id) => {
      const priced = rows.find((one) => one.id === id);
      return priced?.value === undefined || priced.value === null
        ? []
        : [
            [
              id === "price" ? "the spine" : "the spine, one group",
              "counted, by cause in [deploy](../deploy.md#what-it-costs)",
              priced.value.toFixed(2),
            ],
          ];
    }),
    ...PRICES_BESIDE.map(({ what, arithmetic, usd }) => [what, arithmetic, usd.toFixed(2)]),
  ],
)}

## What sways the result

The median of three agents at light load, at both ends of each parameter's range, ms.

${table(
  ["parameter", "spine, low end", "spine, high end", "flat, low end", "flat, high end"],
  [...new Set(tornado.map(({ parameter }) => parameter))]
    .map((parameter) => {
      const of = (arm: string) => tornado.find((one) => one.parameter === parameter && one.arm === arm);
      const [spine, flat] = [of("spine"), of("flat")];
      return {
        swing: Math.abs((spine?.high ?? 0) - (spine?.low ?? 0)),
        cells: [
          parameter,
          ms(spine?.low ?? NaN),
          ms(spine?.high ?? NaN),
          ms(flat?.low ?? NaN),
          ms(flat?.high ?? NaN),
        ],
      };
    })
    .toSorted((a, b) => b.swing - a.swing)
    .map(({ cells }) => cells),
)}

## How it is made

- **One simulator** in virtual time: functions with environments that start cold, expire and have a share of a processor; caps that
  refuse at once; mappings that go up slowly and keep a group together; work that goes on after its caller has given up; clients that
  come again. It is held to Erlang's formulas and to the quantiles that it was given (\`test/bench\`).
- **Arms.** *naive*: nested synchronous calls, k = ${fetches} fetches an agent, the SDK's defaults, the last write wins. *well-built nested*: the
  context travels, conditional writes, keys of idempotency, deadlines, a retry budget. *well-built flat*: one function holds a
  session's lease and calls the agents in turn, with a checkpoint after each. *spine*: the real ingress, door, host, coordinator, relay and
  recovery of this repository, on FIFO queues. Agents, effects, memory, caps (${cap} an agent), client, arrivals and faults are the same; draws
  depend on seed, session, agent and purpose alone.
- **Incidents** are judged against a sequential oracle: *wrong*, a section is missing or another message's; *doubled*, an effect
  happened twice; *stale*, an effect went by facts that had been replaced; *lost*, accepted or acted upon, and never answered.
- **CPU** is what all function processes execute, retries, relay and deadlines included: the CPU of our handlers was measured on the
  local runtime, that of the rivals is set low in their favour.
- \`npm run bench -- --quick\` takes less than a minute, \`npm run bench\` about a quarter of an hour; \`--json\` for programs, \`--write\` for this page.
`;
}
