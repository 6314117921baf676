import type { Clock } from "#ports/clock.ts";
import { until } from "../states/pause.ts";
import type { LocalFunction } from "./lambda-function.ts";

export interface AsyncEnd {
  /** `expired`: it was throttled until its event was too old. */
  readonly type: "ok" | "failed" | "expired" | "stopped";
  readonly tries: number;
}

/** Lambda tries an event again whose function failed: twice, after one and two minutes. */
const PAUSES_AFTER_ERROR_MS = [60_000, 120_000];
/** What is throttled is tried again with pauses that grow to five minutes, until the event is six hours old. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
const OLDEST_MS = 21_600_000;

/** Invokes a function as Lambda does an event that nobody waits for. */
export async function invokeAsync(
  target: Pick<LocalFunction, "invoke">,
  event: unknown,
  { clock, stopped }: { readonly clock: Clock; readonly stopped: AbortSignal },
): Promise<AsyncEnd> {
  const since = clock.now();
  let errors = 0;
  let throttles = 0;
  const end = (type: AsyncEnd["type"]): AsyncEnd => ({
    type,
    tries: errors + throttles + (type === "ok" ? 1 : 0),
  });
  while (!stopped.aborted) {
    const outcome = await target.invoke(event);
    if (outcome.type === "ok") return end("ok");
    let pauseMs: number | undefined;
    if (outcome.type === "error") pauseMs = PAUSES_AFTER_ERROR_MS[errors++];
    else pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** throttles++);
    if (pauseMs === undefined) return end("failed");
    if (clock.now() + pauseMs - since > OLDEST_MS) return end("expired");
    await until(clock, clock.now() + pauseMs, stopped);
  }
  return end("stopped");
}
