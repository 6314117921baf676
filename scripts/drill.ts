import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { synthesizeDrill } from "./drill/app/synthesize.ts";
import { drill } from "./drill/drill.ts";
import { DRILL_BLOCK, drillProblems, drillTable } from "./drill/table.ts";
import { withBlock } from "./pages/written-block.ts";

/*
 * node scripts/drill.ts [--alarm PART]... [--quiet] [--write]: makes the trouble of each alarm of the template, in time that is
 * moved, and expects the alarm to ring. --alarm drills only what has the part in its name; --write puts the table of a drill
 * without fault into docs/operations.md. Exit code 1 where an alarm stays silent, rings in calm or after its trouble, or has no
 * scenario.
 */

const { values } = parseArgs({
  options: {
    alarm: { type: "string", multiple: true },
    quiet: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const wanted = values.alarm;
if (values.write && wanted !== undefined) {
  console.error("The table contains every alarm: leave out --alarm or --write.");
  process.exit(2);
}
const started = performance.now();
const onProgress = (text: string) => {
  if (!values.quiet)
    console.error(`${((performance.now() - started) / 1_000).toFixed(1).padStart(6)} s  ${text}`);
};

const { templateDir } = await synthesizeDrill(onProgress);
const report = await drill({
  templateDir,
  onProgress,
  ...(wanted !== undefined && { only: (alarm: string) => wanted.some((part) => alarm.includes(part)) }),
});
const table = drillTable(report);
console.log(table);
const problems = drillProblems(report);
for (const problem of problems) console.error(problem);
console.log(
  `\n${report.alarms.filter(({ afterMs }) => afterMs !== undefined).length} of ${report.alarms.length} alarms rang, ${report.falseAlarms.length} in ${report.calmMs / 60_000} calm minutes.`,
);
if (values.write && problems.length === 0) {
  const path = fileURLToPath(new URL(`../${DRILL_BLOCK.page}`, import.meta.url));
  writeFileSync(path, withBlock(readFileSync(path, "utf8"), DRILL_BLOCK, table));
  console.log(`Wrote ${DRILL_BLOCK.page}.`);
}
process.exitCode = problems.length === 0 ? 0 : 1;
