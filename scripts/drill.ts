import { parseArgs } from "node:util";
import { synthesizeDrill } from "./drill/app/synthesize.ts";
import { drill } from "./drill/drill.ts";
import { drillProblems, drillTable } from "./drill/table.ts";

const { values } = parseArgs({
  options: { alarm: { type: "string", multiple: true }, quiet: { type: "boolean", default: false } },
});
const wanted = values.alarm;
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
console.log(drillTable(report));
const problems = drillProblems(report);
for (const problem of problems) console.error(problem);
console.log(
  `\n${report.alarms.filter(({ afterMs }) => afterMs !== undefined).length} of ${report.alarms.length} alarms rang, ${report.falseAlarms.length} in ${report.calmMs / 60_000} calm minutes.`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
