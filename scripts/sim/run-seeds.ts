import { belowFloor } from "#testing/simulator/coverage.ts";
import { formatTrace, seedCommand, Tally, type Summary } from "#testing/simulator/report.ts";
import { runSeed, type SeedResult } from "#testing/simulator/run-seed.ts";
import { shrink } from "#testing/simulator/shrink.ts";
import { startCpuTime } from "./cpu-time.ts";
import type { options as given } from "./arguments.ts";

const PROGRESS_EVERY = 500;
/** More failing seeds than this say nothing new. */
const MOST_SHOWN = 3;

/** Runs seeds, prints what they came to, and answers whether every promise was kept. */
export async function runSeeds(options: typeof given): Promise<boolean> {
  const { seed: start, seeds, firstViolation, json } = options;
  const flow = options.flow === undefined ? {} : { flow: options.flow };
  const seconds = startCpuTime();
  const tally = new Tally();
  let shown = 0;
  for (let seed = start; seed < start + seeds; seed++) {
    const result = await runSeed(seed, flow);
    tally.add(result);
    if (result.violations.length > 0) {
      if (firstViolation) return showFirst(result, options.flow);
      if (shown++ < MOST_SHOWN) await show(result, options.flow);
    }
    if ((seed - start + 1) % PROGRESS_EVERY === 0) {
      const { sessions, violations, sessionsPerSecond } = tally.summary(seconds());
      console.error(
        `${seed - start + 1} seeds, ${sessions} sessions, ${violations} violations, ${sessionsPerSecond} sessions/s`,
      );
    }
  }
  const summary = tally.summary(seconds());
  const rare = flow.flow === undefined ? belowFloor(summary) : [];
  if (json) console.log(JSON.stringify({ ...summary, rare }));
  else printSummary(summary);
  if (rare.length > 0) console.error(`Too seldom to say anything: ${rare.join(", ")}`);
  return summary.violations === 0 && rare.length === 0;
}

async function showFirst(result: SeedResult, flow: string | undefined): Promise<false> {
  const found = await shrink(result, flow === undefined ? {} : { flow });
  const violation = found?.violation ?? result.violations[0];
  console.log(JSON.stringify({ seed: result.seed, ...violation, steps: found?.steps ?? 0 }));
  if (found !== undefined) console.error(formatTrace(found, seedCommand(result.seed, flow)));
  return false;
}

async function show(result: SeedResult, flow: string | undefined): Promise<void> {
  const found = await shrink(result, flow === undefined ? {} : { flow });
  console.error(
    found === undefined ? `Seed ${result.seed} failed.` : formatTrace(found, seedCommand(result.seed, flow)),
  );
}

function printSummary(summary: Summary): void {
  const { faults, consequences, primitives, sessions, inputs, events, ...rest } = summary;
  const mean = (total: number): string => (total / Math.max(1, sessions)).toFixed(1);
  console.log(
    `${rest.seeds} seeds, ${sessions} sessions with ${mean(inputs)} inputs and ${mean(events)} events each`,
  );
  console.log(`faults: ${listed(faults)}`);
  console.log(`what they led to: ${listed(consequences)}`);
  console.log(
    `primitives (share of sessions): ${listed(primitives, (count) => `${((100 * count) / sessions).toFixed(1)} %`)}`,
  );
  console.log(
    `${rest.compared} sessions ended as without faults; ${rest.violations} violations; ${rest.sessionsPerSecond} sessions/s on one core`,
  );
}

function listed(
  counts: Readonly<Record<string, number>>,
  format: (count: number) => string = String,
): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${format(count)}`)
    .join(", ");
}
