import type { UrgentArguments } from "../arguments.ts";
import { synthesizeFaults } from "../app/synthesize.ts";
import { openSpine } from "../faulty-spine.ts";
import { MOST_MS, preEmpt, type UrgentReport } from "../urgent/pre-empt.ts";

/** `npm run faults -- --urgent`: an urgent event while an agent works on a long task of the same session. */
export async function runUrgent({ seconds, rounds, throttle, json }: UrgentArguments): Promise<boolean> {
  const { templateDir } = await synthesizeFaults();
  const spine = await openSpine({ templateDir, maxProcesses: 4, throttle });
  try {
    // The first one starts the agent's second process.
    await preEmpt(spine, "warm");
    const reports: UrgentReport[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      reports.push(await preEmpt(spine, `urgent-${round}`, seconds * 1_000));
    }
    if (json) console.log(JSON.stringify(reports, undefined, 2));
    else for (const report of reports) console.log(describe(report));
    return reports.every(
      ({ startedAfterMs, problems }) => startedAfterMs <= MOST_MS && problems.length === 0,
    );
  } finally {
    await spine.stop();
  }
}

function describe({ startedAfterMs, longTaskMs, problems }: UrgentReport): string {
  return [
    `the urgent run's first agent started ${startedAfterMs} ms after the request (at most ${MOST_MS}), beside a task of ${longTaskMs} ms of the same session and agent`,
    ...problems.map((problem) => `  broken: ${problem}`),
  ].join("\n");
}
