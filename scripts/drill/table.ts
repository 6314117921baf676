import { kindOf, nameIn } from "./alarm-kind.ts";
import type { WrittenBlock } from "../pages/written-block.ts";
import type { Drilled, DrillReport } from "./drill.ts";

/** Where the table stands. */
export const DRILL_BLOCK: WrittenBlock = {
  page: "docs/operations.md",
  name: "drill",
  command: "npm run drill -- --write",
};

/** The drill as a table, as docs/operations.md has it: agents are alike, and the slowest of them stands for all. */
export function drillTable({ alarms }: DrillReport): string {
  const kinds = new Map<string, Drilled[]>();
  for (const drilled of alarms) {
    const kind = kindOf(drilled.alarm);
    kinds.set(kind, [...(kinds.get(kind) ?? []), drilled]);
  }
  const heads = ["alarm", "trouble", "rings after"];
  const rows = [...kinds].map(([kind, all]) => [`\`${kind}\``, troubleOf(all), longestOf(all)]);
  return [heads, heads.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function troubleOf([drilled]: readonly Drilled[]): string {
  const { alarm = "", trouble = "no scenario" } = drilled ?? {};
  const name = nameIn(alarm);
  return name === undefined ? trouble : trouble.replace(` ${name} `, " NAME ");
}

function longestOf(all: readonly Drilled[]): string {
  const times = all.map(({ afterMs }) => afterMs ?? Infinity);
  const longest = Math.max(...times);
  if (longest === Infinity) return "never";
  const minutes = Math.max(1, Math.round(longest / 60_000));
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** What is wrong, a line each; empty when every alarm rang in its trouble and none in calm. */
export function drillProblems({ alarms, falseAlarms, lasting }: DrillReport): readonly string[] {
  return [
    ...alarms.flatMap(({ alarm, trouble, afterMs }) => {
      if (trouble === undefined) return [`${alarm} has no scenario: add one to scripts/drill/scenarios.`];
      return afterMs === undefined ? [`${alarm} did not ring when ${trouble}.`] : [];
    }),
    ...falseAlarms.map((alarm) => `${alarm} rang while nothing was wrong.`),
    ...lasting.map((alarm) => `${alarm} kept ringing after its cause had ended.`),
  ];
}
