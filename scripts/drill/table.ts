import type { DrillReport } from "./drill.ts";

/** The drill as a table, as docs/operations.md has it. */
export function drillTable({ alarms }: DrillReport): string {
  const rows = alarms.map(({ alarm, trouble = "no scenario", afterMs }) => [
    `\`${alarm}\``,
    trouble,
    afterMs === undefined ? "never" : `${Math.max(1, Math.round(afterMs / 60_000))} min`,
  ]);
  const heads = ["alarm", "trouble", "rings after"];
  return [heads, heads.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** What is wrong, a line each; empty when every alarm rang in its trouble and none in calm. */
export function drillProblems({ alarms, falseAlarms, lasting }: DrillReport): readonly string[] {
  return [
    ...alarms.flatMap(({ alarm, trouble, afterMs }) => {
      if (trouble === undefined) return [`${alarm} has no scenario: add one to scripts/drill/scenarios.`];
      return afterMs === undefined ? [`${alarm} did not ring when ${trouble}.`] : [];
    }),
    ...falseAlarms.map((alarm) => `${alarm} rang while nothing was wrong.`),
    ...lasting.map((alarm) => `${alarm} went on ringing after its trouble had ended.`),
  ];
}
