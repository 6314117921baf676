import { exhaust, type Exhausted } from "#simulator/exhaustive.ts";
import { formatTrace } from "#simulator/report.ts";
import { sampleSessions, type SmallSession } from "#simulator/small-sessions.ts";
import type { options as given } from "./arguments.ts";
import { startCpuTime } from "./cpu-time.ts";
import { customerCareSession } from "./customer-care-session.ts";

/** Of a session that nobody names, so many pairs are run: all of them take minutes a session. */
const SAMPLED_PAIRS = 400;
const MOST_SHOWN = 3;

/** Breaks small sessions at every call, prints what came of it, and answers whether every promise was kept. */
export async function runExhaustive({ flow, pairs, json }: typeof given): Promise<boolean> {
  const seconds = startCpuTime();
  const some = flow === undefined ? SAMPLED_PAIRS : "all";
  const results: Exhausted[] = [];
  for (const session of sessionsOf(flow)) {
    const result = await exhaust(session, pairs ? { pairs: some } : {});
    results.push(result);
    if (!json) print(result);
    for (const run of result.failed.slice(0, MOST_SHOWN)) show(session, run);
  }
  const total = {
    runs: sum(results, ({ singles, pairs: both }) => 1 + singles + both),
    calls: sum(results, ({ calls }) => calls),
    violations: sum(results, ({ failed }) => failed.length),
    seconds: Math.round(seconds()),
  };
  if (json) console.log(JSON.stringify({ ...total, sessions: results.map(counts) }));
  else
    console.log(
      `${total.runs} runs of sessions with ${total.calls} calls, ${total.violations} violations, ${total.seconds} s on one core`,
    );
  return total.violations === 0;
}

function sessionsOf(name: string | undefined): readonly SmallSession[] {
  const all = [...sampleSessions(), customerCareSession()];
  const wanted = all.filter(
    (session) => name === undefined || name === session.name || name === session.subject.name,
  );
  if (wanted.length > 0) return wanted;
  throw new RangeError(
    `No session is named "${name}": use one of ${all.map((session) => session.name).join(", ")}.`,
  );
}

const sum = (results: readonly Exhausted[], of: (result: Exhausted) => number): number =>
  results.reduce((total, result) => total + of(result), 0);

const counts = ({ failed, ...rest }: Exhausted) => ({ ...rest, violations: failed.length });

function print({ name, calls, singles, pairs, allPairs, same, byPolicy, failed }: Exhausted): void {
  const both = allPairs === 0 ? "" : ` and ${pairs} of ${allPairs} pairs`;
  console.log(
    `${name}: ${calls} calls, ${singles} broken calls${both}: ${same} ended as without faults, ${byPolicy} differently as policy allows, ${failed.length} violations`,
  );
}

function show({ name }: SmallSession, result: Exhausted["failed"][number]): void {
  const [violation] = result.violations;
  if (violation === undefined) return;
  const { faults } = result;
  const again = `npm run sim -- --exhaustive --flow ${name}${faults.length > 1 ? " --pairs" : ""}`;
  console.error(formatTrace({ violation, inputs: [], faults, result }, again));
}
