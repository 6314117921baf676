import { parseArguments, USAGE } from "./test-dates/arguments.ts";
import { runAt } from "./test-dates/run-at.ts";
import { QUICK, SLOW } from "./test-dates/tests.ts";

/*
 * Runs the tests that touch dates at every weekday, at turns of the year, in nights in which clocks change, and in time zones
 * far from here. Exit code 0 when all passed, 1 when not, 2 if the arguments cannot be used.
 */

try {
  const { clocks, files, config } = parseArguments(process.argv.slice(2));
  const options = config === undefined ? [] : ["--config", config];
  let failed = 0;
  for (const clock of clocks) {
    const tests = files.length > 0 ? files : [...QUICK, ...(clock.slow === true ? SLOW : [])];
    const { passed, output, ms } = await runAt(clock, [...options, ...tests]);
    const [count = "no tests"] = /^ *Tests +.*$/m.exec(output) ?? [];
    const seen = `${clock.at} ${clock.zone ?? "UTC"}`.padEnd(40);
    console.log(`${clock.name.padEnd(15)} ${seen} ${count.trim()} (${Math.round(ms / 1_000)} s)`);
    if (passed) continue;
    failed += 1;
    console.log(output);
  }
  console.log(`${clocks.length - failed} of ${clocks.length} clocks passed`);
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  console.error(`test:dates: ${error instanceof Error ? error.message : String(error)}`);
  console.error(USAGE);
  process.exitCode = 2;
}
