import { parseArgs } from "node:util";
import { formatTrace, Tally } from "#testing/simulator/report.ts";
import { runSeed } from "#testing/simulator/run-seed.ts";
import { shrink } from "#testing/simulator/shrink.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    seed: { type: "string", default: "0" },
    flow: { type: "string" },
    json: { type: "boolean", default: false },
    /** Ends at the first violation and prints one line of JSON about it. */
    "first-violation": { type: "boolean", default: false },
  },
});

const seeds = whole("seeds", values.seeds);
const start = whole("seed", values.seed);
const flow = values.flow === undefined ? {} : { flow: values.flow };
const PROGRESS_EVERY = 500;
/** More failing seeds than this say nothing new. */
const MOST_SHOWN = 3;

// Faults are thrown by the thousand, and nobody reads where: walking the stack would take a tenth of the time.
Error.stackTraceLimit = 0;

const tally = new Tally();
const begun = process.threadCpuUsage();
/** Time that the one thread had on a core: other work on the machine does not count. */
const seconds = () => {
  const { user, system } = process.threadCpuUsage(begun);
  return (user + system) / 1e6;
};
let shown = 0;
for (let seed = start; seed < start + seeds; seed++) {
  const result = await runSeed(seed, flow);
  tally.add(result);
  if (result.violations.length > 0) {
    if (values["first-violation"]) {
      const found = await shrink(result, flow);
      const violation = found?.violation ?? result.violations[0];
      console.log(JSON.stringify({ seed, ...violation, steps: found?.steps ?? 0 }));
      if (found !== undefined) console.error(formatTrace(found, values.flow));
      process.exit(1);
    }
    if (shown++ < MOST_SHOWN) await show(result);
  }
  if (tally.sessions > 0 && (seed - start + 1) % PROGRESS_EVERY === 0) {
    const { sessions, violations, sessionsPerSecond } = tally.summary(seconds());
    console.error(
      `${seed - start + 1} seeds, ${sessions} sessions, ${violations} violations, ${sessionsPerSecond} sessions/s`,
    );
  }
}

const summary = tally.summary(seconds());
if (values.json) console.log(JSON.stringify(summary));
else printSummary();
process.exitCode = summary.violations > 0 ? 1 : 0;

async function show(result: Awaited<ReturnType<typeof runSeed>>): Promise<void> {
  const found = await shrink(result, flow);
  console.error(found === undefined ? `Seed ${result.seed} failed.` : formatTrace(found, values.flow));
}

function printSummary(): void {
  const { faults, primitives, sessions, inputs, events, ...rest } = summary;
  console.log(
    `${rest.seeds} seeds, ${sessions} sessions with ${mean(inputs)} inputs and ${mean(events)} events each`,
  );
  console.log(`faults: ${listed(faults)}`);
  console.log(
    `primitives (share of sessions): ${listed(primitives, (count) => `${((100 * count) / sessions).toFixed(1)} %`)}`,
  );
  console.log(
    `${rest.compared} sessions ended as without faults; ${rest.violations} violations; ${rest.sessionsPerSecond} sessions/s on one core`,
  );
}

function mean(total: number): string {
  return (total / Math.max(1, summary.sessions)).toFixed(1);
}

function listed(
  counts: Readonly<Record<string, number>>,
  format: (count: number) => string = String,
): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${format(count)}`)
    .join(", ");
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new RangeError(`--${name} takes a whole number, not ${JSON.stringify(text)}.`);
}
