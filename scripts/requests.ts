import { parseArgs } from "node:util";
import { createLocalCloud } from "#local/cloud.ts";
import { synthesize } from "#local/synth.ts";
import { measureRequests } from "./requests/measure.ts";
import { LONG, SHORT, WHOLE } from "./requests/play.ts";
import { requestsTable } from "./requests/table.ts";

/** Counts the AWS requests of sample sessions at the local endpoints, and holds a sequential agent step to its bound. */
const ROUNDS = 3;

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const { templateDir } = await synthesize();
// One process a function: a second one that starts under way would read its secret among the sessions' requests.
const cloud = await createLocalCloud({ templateDir, maxProcesses: 1 });
try {
  const report = await measureRequests(cloud, [SHORT, LONG, WHOLE], ROUNDS);
  console.log(values.json ? JSON.stringify(report, undefined, 2) : requestsTable(report));
  for (const problem of report.problems) console.error(`Too many: ${problem}.`);
  process.exitCode = report.problems.length === 0 ? 0 : 1;
} finally {
  await cloud.stop();
}
