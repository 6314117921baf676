import type { Fault } from "./chaos.ts";
import type { Finding } from "./report.ts";
import { runSeed, type SeedOptions, type SeedResult } from "./run-seed.ts";

/** What a failing run needs: these inputs and these faults; without any one of them it does not fail. */
export interface Shrunk extends Finding {
  readonly seed: number;
  readonly steps: number;
}

type Item =
  { readonly type: "input"; readonly name: string } | { readonly type: "fault"; readonly fault: Fault };

/** Runs that a shrinking may take. */
const MOST_RUNS = 1_500;

/** Leaves out inputs and faults, in halves and then one by one, as long as the same check still fails. */
export async function shrink(
  failed: SeedResult,
  options: Pick<SeedOptions, "flow"> = {},
): Promise<Shrunk | undefined> {
  const { seed } = failed;
  const [violation] = failed.violations;
  if (violation === undefined) return undefined;
  const inputs = [...failed.scenario.inputs.map(({ name }) => name), ...failed.emerged];
  const faults = new Map(failed.faults.map((fault) => [fault.site, fault]));
  let items: readonly Item[] = [
    ...[...faults.values()].map((fault): Item => ({ type: "fault", fault })),
    ...inputs.map((name): Item => ({ type: "input", name })),
  ];
  let best = failed;
  let runs = 0;
  const fails = async (kept: readonly Item[]): Promise<boolean> => {
    runs += 1;
    const names = new Set(kept.flatMap((item) => (item.type === "input" ? [item.name] : [])));
    const plan = new Map(
      kept.flatMap((item) => (item.type === "fault" ? [[item.fault.site, item.fault] as const] : [])),
    );
    const left = new Set(inputs.filter((name) => !names.has(name)));
    const compare = violation.promise === "Same as without faults";
    const result = await runSeed(seed, { ...options, compare, plan: { type: "only", faults: plan }, left });
    const same = result.violations.some(
      ({ promise, check }) => promise === violation.promise && check === violation.check,
    );
    if (same) best = result;
    return same;
  };
  for (let size = Math.ceil(items.length / 2); size >= 1 && runs < MOST_RUNS;) {
    let shrank = false;
    for (let from = 0; from < items.length && runs < MOST_RUNS;) {
      const kept = [...items.slice(0, from), ...items.slice(from + size)];
      if (await fails(kept)) {
        items = kept;
        shrank = true;
      } else from += size;
    }
    if (size > 1) size = Math.floor(size / 2);
    else if (!shrank) break;
  }
  const used = new Set(best.faults.map(({ site }) => site));
  const kept = items.filter((item) => item.type === "input" || used.has(item.fault.site));
  return {
    seed,
    violation: best.violations.find(({ check }) => check === violation.check) ?? violation,
    inputs: kept.flatMap((item) => (item.type === "input" ? [item.name] : [])),
    faults: kept.flatMap((item) => (item.type === "fault" ? [item.fault] : [])),
    steps: kept.length,
    result: best,
  };
}
