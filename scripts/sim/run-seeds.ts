import { belowFloor } from "#simulator/coverage.ts";
import { formatTrace, seedCommand, Tally, type Summary } from "#simulator/report.ts";
import { runSeed } from "#simulator/run-seed.ts";
import { shrink } from "#simulator/shrink.ts";
import type { options as given } from "./arguments.ts";
import { runBlocks } from "./run-blocks.ts";
import { blocksOf } from "./seed-block.ts";

const PROGRESS_EVERY = 500;
/** More failing seeds than this say nothing new. */
const MOST_SHOWN = 3;

/** Runs seeds, prints what they came to, and answers whether every promise was kept. */
export async function runSeeds(options: typeof given): Promise<boolean> {
  const { seed: start, seeds, workers, flow, firstViolation, json } = options;
  const tally = new Tally();
  let seconds = 0;
  let shown = 0;
  const blockOptions = { firstViolation, ...(flow !== undefined && { flow }) };
  for await (const result of runBlocks(blocksOf(start, seeds), blockOptions, workers)) {
    const before = tally.seeds;
    tally.addAll(result.summary);
    seconds += result.seconds;
    for (const seed of result.failed) {
      if (firstViolation) return showFirst(seed, flow);
      if (shown++ < MOST_SHOWN) await show(seed, flow);
    }
    if (Math.floor(tally.seeds / PROGRESS_EVERY) > Math.floor(before / PROGRESS_EVERY)) {
      const { sessions, violations, sessionsPerSecond } = tally.summary(seconds);
      console.error(
        `${tally.seeds} seeds, ${sessions} sessions, ${violations} violations, ${sessionsPerSecond} sessions/s a core, ${megabytes()} MB`,
      );
    }
  }
  const summary = tally.summary(seconds);
  const rare = flow === undefined ? belowFloor(summary) : [];
  if (json) console.log(JSON.stringify({ ...summary, rare }));
  else printSummary(summary);
  if (rare.length > 0) console.error(`Too rare to be meaningful: ${rare.join(", ")}`);
  return summary.violations === 0 && rare.length === 0;
}

/** What all threads hold together: it stays flat, however many seeds there are. */
const megabytes = (): number => Math.round(process.memoryUsage.rss() / 2 ** 20);

async function showFirst(seed: number, flow: string | undefined): Promise<false> {
  const { violations, found } = await shrunk(seed, flow);
  const violation = found?.violation ?? violations[0];
  console.log(JSON.stringify({ seed, ...violation, steps: found?.steps ?? 0 }));
  if (found !== undefined) console.error(formatTrace(found, seedCommand(seed, flow)));
  return false;
}

async function show(seed: number, flow: string | undefined): Promise<void> {
  const { found } = await shrunk(seed, flow);
  console.error(found === undefined ? `Seed ${seed} failed.` : formatTrace(found, seedCommand(seed, flow)));
}

/** The same seed gives the same run in any thread. */
async function shrunk(seed: number, flow: string | undefined) {
  const options = flow === undefined ? {} : { flow };
  const result = await runSeed(seed, options);
  return { violations: result.violations, found: await shrink(result, options) };
}

function printSummary(summary: Summary): void {
  const { faults, consequences, primitives, sessions, inputs, events, ...rest } = summary;
  const mean = (total: number): string => (total / Math.max(1, sessions)).toFixed(1);
  console.log(
    `${rest.seeds} seeds, ${sessions} sessions with ${mean(inputs)} inputs and ${mean(events)} events each`,
  );
  console.log(`faults: ${listed(faults)}`);
  console.log(`consequences: ${listed(consequences)}`);
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
