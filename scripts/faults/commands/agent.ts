import type { AgentArguments } from "../arguments.ts";
import { runTrial } from "../agent/trial.ts";
import { compareWithTrouble, type TroubleReport } from "../agent/trouble.ts";
import { Badness } from "../app/contracts.ts";
import { synthesizeFaults } from "../app/synthesize.ts";
import { INGRESS, openSpine } from "../faulty-spine.ts";

const PROCESSES = 4;
/** So many sessions until processes run as fast as they ever will. */
const WARM_SESSIONS = 200;
/** Longer than a circuit breaker remembers: one kind of trouble must not decide about the next. */
const APART_MS = 120_000;

/** `npm run faults -- --agent KIND`: one bad agent among good ones. */
export async function runAgentTrouble(chosen: AgentArguments): Promise<boolean> {
  const { kinds, sessions, atOnce, throttle, json } = chosen;
  const { templateDir } = await synthesizeFaults();
  // A request that waits for its reply holds a process of the ingress.
  const maxProcesses = (name: string) => (name === INGRESS ? PROCESSES + atOnce : PROCESSES);
  const spine = await openSpine({ templateDir, maxProcesses, throttle });
  try {
    const behaves = { atOnce, kinds: [Badness.none] };
    await runTrial(spine, { ...behaves, name: "warm", sessions: WARM_SESSIONS });
    const reports: TroubleReport[] = [];
    for (const badness of kinds) {
      spine.cloud.clock.skipTo(spine.cloud.clock.now() + APART_MS);
      // Right before the trouble, so that both find the same machine.
      const calm = await runTrial(spine, { ...behaves, name: `before-${badness}`, sessions });
      const report = await compareWithTrouble(
        spine,
        { name: badness, sessions, atOnce, kinds: [badness] },
        calm,
      );
      reports.push(report);
      if (!json) console.log(describe(report));
    }
    if (json) console.log(JSON.stringify(reports, undefined, 2));
    return reports.every(({ problems }) => problems.length === 0);
  } finally {
    await spine.stop();
  }
}

function describe(report: TroubleReport): string {
  const { kinds, sessions, calm, troubled, ratio, longestMs, allowedMs, fallbacks, problems } = report;
  return [
    `${kinds.join(", ")}: ${sessions} sessions, every second one uses the bad agent`,
    `  other sessions: p50 ${calm.p50} ms, p95 ${calm.p95} ms without faults; p50 ${troubled.p50} ms, p95 ${troubled.p95} ms with faults; p95 × ${ratio}`,
    `  sessions that use it: ${fallbacks} ended in the fallback; the longest took ${longestMs} ms of ${allowedMs} ms that the policy allows`,
    ...problems.map((problem) => `  broken: ${problem}`),
  ].join("\n");
}
