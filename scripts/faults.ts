import { parseArgs } from "node:util";
import { sweep } from "./faults/crash/sweep.ts";
import { crashTable } from "./faults/crash/table.ts";
import { openSpine } from "./faults/faulty-spine.ts";
import { synthesize } from "./local/synth.ts";

const { values } = parseArgs({
  options: {
    every: { type: "string" },
    only: { type: "string" },
    sample: { type: "string" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

const { templateDir } = await synthesize();
const spine = await openSpine({ templateDir, maxProcesses: 2 });
try {
  const started = performance.now();
  const report = await sweep(spine, {
    ...(values.every && { every: Number(values.every) }),
    ...(values.only && { only: values.only }),
    ...(values.sample && { sample: Number(values.sample) }),
    ...(values.seed && { seed: Number(values.seed) }),
    onStrike(result, done, of) {
      const { functionName, operation, resource, nth } = result.place;
      for (const problem of result.problems)
        console.error(`${functionName} ${operation} ${resource} ${nth}, ${result.fault}: ${problem}`);
      if (done % 20 === 0) console.error(`${done} of ${of}`);
    },
  });
  console.log(values.json ? JSON.stringify(report, undefined, 2) : crashTable(report));
  console.log(`${Math.round((performance.now() - started) / 1000)} s`);
  process.exitCode = report.results.every(({ problems }) => problems.length === 0) ? 0 : 1;
} finally {
  await spine.stop();
}
