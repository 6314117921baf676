import { chance } from "#memory/seeded-chance.ts";
import type { Fault, FaultKind, FaultPlan } from "./chaos.ts";
import { checkRun } from "./checks.ts";
import type { History } from "./checks/history.ts";
import type { Violation } from "./checks/violation.ts";
import { compareEnds } from "./compare.ts";
import type { RunResult } from "./run-seed.ts";
import { runPlan } from "./run-plan.ts";
import type { SmallSession } from "./small-sessions.ts";
import { OFFERS } from "./worker.ts";

/** What breaks a call: nothing of it happened, all of it happened and its caller died, or only its answer was lost. */
const BREAKS: readonly FaultKind[] = ["crash-before-call", "crash-after-call", "lost-acknowledgement"];

/** A call of a worker, by its site, with what can break it. After a read nothing has changed: its crash is the one before. */
interface Call {
  readonly site: string;
  readonly breaks: readonly FaultKind[];
}

export interface ExhaustOptions {
  /** Breaks every two calls as well, the second one counted in the run after the first: all, or about so many. @default 0 */
  readonly pairs?: "all" | number;
}

/** What came of breaking a session at each of its calls. */
export interface Exhausted {
  readonly name: string;
  /** Calls of the run without faults. */
  readonly calls: number;
  readonly singles: number;
  readonly pairs: number;
  /** Pairs that there are. */
  readonly allPairs: number;
  /** Runs that ended with the context and the replies of the calm one. */
  readonly same: number;
  /** Runs that ended otherwise, with a timeout or a fallback in their logs that says why. */
  readonly byPolicy: number;
  readonly failed: readonly RunResult[];
}

/** Breaks a session at every call, one call a run, and holds each run against every promise and the calm run. */
export async function exhaust(session: SmallSession, options: ExhaustOptions = {}): Promise<Exhausted> {
  const { pairs = 0 } = options;
  const calm = await run(session, []);
  if (calm.result.violations.length > 0)
    return { ...NOTHING, name: session.name, calls: calm.calls.length, failed: [calm.result] };
  const [calmHistory] = calm.result.histories;
  const sums = { same: 0, byPolicy: 0, singles: 0, pairs: 0, allPairs: 0 };
  const failed: RunResult[] = [];
  const breakWith = async (faults: readonly Fault[]): Promise<Traced> => {
    const traced = await run(session, faults);
    const end = endAgainst(traced.result, calmHistory);
    if (traced.result.violations.length > 0) failed.push(traced.result);
    else if (end === "same") sums.same += 1;
    else if (end === "policy") sums.byPolicy += 1;
    else failed.push({ ...traced.result, violations: [end] });
    return traced;
  };
  const singles = faultsOf(calm.calls);
  const share = pairs === "all" ? 1 : (2 * pairs) / singles.length ** 2;
  for (const first of singles) {
    const { calls } = await breakWith([first]);
    sums.singles += 1;
    if (share === 0) continue;
    const later = calls.slice(calls.findIndex(({ site }) => site === first.site) + 1);
    for (const second of faultsOf(later)) {
      sums.allPairs += 1;
      if (chance(session.seed, `${first.kind} ${first.site} ${second.kind} ${second.site}`) >= share)
        continue;
      await breakWith([first, second]);
      sums.pairs += 1;
    }
  }
  return { name: session.name, calls: calm.calls.length, ...sums, failed };
}

const NOTHING = { singles: 0, pairs: 0, allPairs: 0, same: 0, byPolicy: 0 };

const faultsOf = (calls: readonly Call[]): readonly Fault[] =>
  calls.flatMap(({ site, breaks }) => breaks.map((kind): Fault => ({ site, kind, value: 0 })));

interface Traced {
  readonly result: RunResult;
  readonly calls: readonly Call[];
}

async function run({ seed, subject, scenario }: SmallSession, faults: readonly Fault[]): Promise<Traced> {
  const plan: FaultPlan = { type: "only", faults: new Map(faults.map((fault) => [fault.site, fault])) };
  const calls: Call[] = [];
  const { worldResult } = await runPlan({ seed, subject, scenario, plan }, (site, kinds) => {
    if (kinds === OFFERS.read || kinds === OFFERS.write || kinds === OFFERS.append)
      calls.push({ site, breaks: BREAKS.filter((kind) => kinds.includes(kind)) });
  });
  const { violations, histories } = await checkRun(worldResult, false);
  return { result: { seed, flow: subject.name, scenario, faults, histories, violations }, calls };
}

function endAgainst({ histories }: RunResult, calm: History | undefined): "same" | "policy" | Violation {
  const [history] = histories;
  const end = history === undefined || calm === undefined ? "different" : compareEnds(history, calm);
  if (end !== "different") return end;
  const problem = "nothing in its log says why it ended otherwise than without the crash";
  return { promise: "Same as without faults", check: "context and replies", session: "s0", problem };
}
