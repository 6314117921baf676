import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineRound } from "./engine/in-process.ts";
import type { LocalReport } from "./engine/local-runtime.ts";
import type { Row, Simulated } from "./rows.ts";
import type { Summary } from "./summary.ts";

/** Where results stand: the page, its charts, and the newest full result as data. */
export const RESULTS = join(import.meta.dirname, "..", "..", "docs", "bench");

export interface BenchResult {
  /** Of the parameters that it stands on. */
  readonly params: string;
  /** The day on which it was measured. */
  readonly date: string;
  readonly machine: string;
  readonly rows: readonly Row[];
  readonly simulated: Simulated & { readonly tornado: readonly Swing[] };
  readonly engines: readonly EngineRound[];
  readonly local?: LocalReport;
}

/** What the range of one parameter does to a median, ms. */
export interface Swing {
  readonly parameter: string;
  readonly arm: string;
  readonly low: number;
  readonly high: number;
}

/** The newest full result; undefined where there is none. */
export function newestResult(): BenchResult | undefined {
  try {
    // Written by this command alone.
    return JSON.parse(readFileSync(join(RESULTS, "result.json"), "utf8")) as BenchResult;
  } catch {
    return undefined;
  }
}

/** Swings from summaries that were played in pairs, the low end of a range before its high end. */
export function swingsOf(
  names: readonly string[],
  arms: readonly string[],
  summaries: readonly Summary[],
): readonly Swing[] {
  return names.flatMap((parameter, at) =>
    arms.flatMap((arm, place) => {
      const low = summaries[at * arms.length * 2 + place];
      const high = summaries[at * arms.length * 2 + arms.length + place];
      if (low === undefined || high === undefined) return [];
      return { parameter, arm, low: low.latency.p50, high: high.latency.p50 };
    }),
  );
}
