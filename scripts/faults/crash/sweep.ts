import { hash } from "node:crypto";
import { Fault, type Failpoint } from "#local/faults/injector.ts";
import type { FaultySpine } from "../faulty-spine.ts";
import { converse } from "./conversation.ts";
import { outcomeOf, type Outcome } from "./outcome.ts";
import { isStart, strike, type Strike, type StrikeResult } from "./strike.ts";

export interface SweepOptions {
  /** Of all strikes every n-th. @default 1 */
  readonly every?: number;
  /** Only requests of this function. @default all functions' */
  readonly only?: string;
  /** So many strikes, drawn by `seed`. @default all */
  readonly sample?: number;
  readonly seed?: number;
  readonly onStrike?: (result: StrikeResult, done: number, of: number) => void;
}

export interface Sweep {
  /** Requests of the calm conversation. */
  readonly failpoints: number;
  readonly results: readonly StrikeResult[];
}

/** Has the conversation once calmly, and then once for each request and each way in which it can go wrong. */
export async function sweep(spine: FaultySpine, options: SweepOptions = {}): Promise<Sweep> {
  const { onStrike = () => undefined } = options;
  const { failpoints, calm } = await calmly(spine);
  const strikes = chosen(failpoints, options);
  const results: StrikeResult[] = [];
  for (const [index, each] of strikes.entries()) {
    const result = await strike(spine, `struck-${index + 1}`, each, calm);
    results.push(result);
    onStrike(result, results.length, strikes.length);
  }
  return { failpoints: failpoints.length, results };
}

/** Two conversations without faults: the first from processes that just start, the second gives what all is held to. */
async function calmly(
  spine: FaultySpine,
): Promise<{ readonly failpoints: readonly Failpoint[]; readonly calm: Outcome }> {
  for (const name of spine.cloud.functions.keys()) spine.cloud.kill(name);
  spine.injector.record();
  await converse(spine, "calm-start");
  const starts = spine.injector.failpoints().filter((failpoint) => isStart(failpoint) && failpoint.nth === 1);
  spine.injector.record();
  await converse(spine, "calm");
  const failpoints = spine.injector.failpoints().filter((failpoint) => !isStart(failpoint));
  const { outcome } = await outcomeOf(spine, "calm");
  return { failpoints: [...starts, ...failpoints], calm: outcome };
}

function chosen(
  failpoints: readonly Failpoint[],
  { every = 1, only, sample, seed = 1 }: SweepOptions,
): readonly Strike[] {
  const strikes = failpoints
    .filter(({ functionName }) => only === undefined || functionName === only)
    .flatMap((failpoint) => Object.values(Fault).map((fault) => ({ failpoint, fault })))
    .filter((_strike, index) => index % every === 0);
  if (sample === undefined) return strikes;
  const lot = (each: Strike) => hash("sha256", JSON.stringify([seed, each]));
  const drawn = new Set(strikes.toSorted((a, b) => (lot(a) < lot(b) ? -1 : 1)).slice(0, sample));
  return strikes.filter((each) => drawn.has(each));
}
