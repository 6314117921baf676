import { synthesize } from "#local/synth.ts";
import type { CrashArguments } from "../arguments.ts";
import type { StrikeResult } from "../crash/strike.ts";
import { sweep } from "../crash/sweep.ts";
import { crashTable } from "../crash/table.ts";
import { openSpine } from "../faulty-spine.ts";

const TOLD_EVERY = 20;

/** `npm run faults`: a crash, a refusal or a lost answer at every request of the sample conversation. */
export async function runCrashes({
  command: _,
  json,
  throttle,
  ...options
}: CrashArguments): Promise<boolean> {
  const { templateDir } = await synthesize();
  const spine = await openSpine({ templateDir, maxProcesses: 2, throttle });
  try {
    const report = await sweep(spine, {
      ...options,
      onStrike(result, done, of) {
        for (const line of describe(result)) console.error(line);
        if (done % TOLD_EVERY === 0) console.error(`${done} of ${of}`);
      },
    });
    console.log(json ? JSON.stringify(report, undefined, 2) : crashTable(report));
    return report.results.every(({ problems }) => problems.length === 0);
  } finally {
    await spine.stop();
  }
}

function describe({ failpoint, fault, problems }: StrikeResult): readonly string[] {
  const { functionName, operation, resource, nth } = failpoint;
  return problems.map(
    (problem) => `${functionName}, ${operation} ${nth} on ${resource}, ${fault}: ${problem}`,
  );
}
