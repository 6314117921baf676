import { MAIN_ARMS } from "./cell.ts";
import { PARAMS } from "./params.ts";
import { barChart, lineChart, type Series } from "./plots.ts";
import type { Simulated } from "./rows.ts";
import { LATE_SECONDS, type Summary } from "./summary.ts";

/** What each arm is called for readers. */
export const ARM_NAMES: Readonly<Record<string, string>> = {
  naive: "naive mesh",
  nested: "well-built nested",
  flat: "well-built flat",
  spine: "spine",
  "spine, one group": "spine, one group",
};
const COLORS: Readonly<Record<string, string>> = {
  naive: "#cf222e",
  nested: "#bf8700",
  flat: "#0969da",
  spine: "#1a7f37",
  "spine, one group": "#4ac26b",
};
const CAUSE_COLORS = [
  "#1a7f37",
  "#4ac26b",
  "#0969da",
  "#54aeff",
  "#8250df",
  "#bf8700",
  "#cf222e",
  "#6e7781",
  "#e16f24",
  "#bf3989",
];

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

function seriesOf(
  summaries: readonly Summary[],
  x: (one: Summary) => number,
  y: (one: Summary) => number,
): readonly Series[] {
  return MAIN_ARMS.map((arm) => ({
    name: ARM_NAMES[arm] ?? arm,
    color: COLORS[arm] ?? "#000000",
    points: summaries.filter((one) => one.arm === arm).map((one) => ({ x: x(one), y: y(one) })),
  }));
}

/** Every chart of the page, by its file's name. */
export function chartsOf({ light, load, faults }: Simulated): Readonly<Record<string, string>> {
  const { agents, cap, fetches } = PARAMS.load;
  const atK = light.filter((one) => one.arm !== "naive" || one.fetches === fetches);
  const atCap = load.filter((one) => one.cap === cap && !one.bursty);
  const faulty = faults.filter(({ faults: times }) => times === 10);
  const causes = [...new Set(atK.flatMap(({ cpuMs }) => Object.keys(cpuMs)))];
  return {
    "latency-by-agents.svg": lineChart({
      title: "Light load: what coordination alone takes (median)",
      xLabel: "agents in sequence",
      yLabel: "milliseconds from request to reply",
      series: seriesOf(
        atK,
        (one) => one.agents,
        (one) => one.latency.p50,
      ),
    }),
    "answered-by-load.svg": lineChart({
      title: `Load: how much is answered, ${cap} executions an agent`,
      xLabel: "new sessions a second, each with agents that call a model",
      yLabel: "answered within 29 s",
      logX: true,
      yMax: 1,
      format: percent,
      series: seriesOf(
        atCap,
        (one) => one.perSecond,
        (one) => one.answered,
      ),
    }),
    "coordination-by-load.svg": lineChart({
      title: "Load: what coordination takes of what was answered or not (median)",
      xLabel: "new sessions a second, each with agents that call a model",
      yLabel: "milliseconds beside the models' time",
      logX: true,
      logY: true,
      series: seriesOf(
        atCap,
        (one) => one.perSecond,
        (one) => one.coordination.p50,
      ),
    }),
    "incidents.svg": barChart({
      title: "Faults ×10: sessions with an incident",
      xLabel: "incidents in 1,000 sessions; one session may have several",
      bars: MAIN_ARMS.flatMap((arm) => {
        const one = faulty.find((each) => each.arm === arm);
        if (one === undefined) return [];
        const kinds = ["wrong", "doubled", "stale", "lost"] as const;
        return {
          name: ARM_NAMES[arm] ?? arm,
          parts: kinds.map((kind, at) => ({
            name: kind,
            color: CAUSE_COLORS[[6, 5, 4, 7][at] ?? 0] ?? "#000000",
            value: one.incidents[kind].share * 1_000,
          })),
        };
      }),
    }),
    "late.svg": lineChart({
      title: "Faults ×10: messages that are not answered after so long",
      xLabel: "seconds",
      yLabel: "share of messages",
      logX: true,
      format: percent,
      series: MAIN_ARMS.flatMap((arm) => {
        const one = faulty.find((each) => each.arm === arm);
        if (one === undefined) return [];
        const points = LATE_SECONDS.map((x) => ({ x, y: one.late[x]?.share ?? NaN }));
        return { name: ARM_NAMES[arm] ?? arm, color: COLORS[arm] ?? "#000000", points };
      }),
    }),
    "cpu.svg": barChart({
      title: `CPU of a session with ${agents} agents, coordination only`,
      xLabel: "milliseconds of a processor, whatever the functions' memory",
      bars: MAIN_ARMS.flatMap((arm) => {
        const one = atK.find((each) => each.arm === arm && each.agents === agents);
        if (one === undefined) return [];
        const parts = causes.flatMap((name, at) => {
          const value = one.cpuMs[name] ?? 0;
          return value === 0
            ? []
            : [{ name, value, color: CAUSE_COLORS[at % CAUSE_COLORS.length] ?? "#000000" }];
        });
        return { name: ARM_NAMES[arm] ?? arm, parts };
      }),
    }),
  };
}
