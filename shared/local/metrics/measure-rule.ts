import type { Clock } from "#ports/clock.ts";
import type { Recorder } from "./metric-store.ts";

/** Counts once what became of an event that a rule delivers. */
export type RuleMeasure = (
  name: "Invocations" | "FailedInvocations" | "InvocationsSentToDlq" | "InvocationsFailedToBeSentToDlq",
) => void;

/**
 * Measures a rule as EventBridge does: by bus and rule on a bus of its own, by rule on the default bus; written only while
 * there is something.
 */
export const measureRule =
  (
    dimensions: Readonly<Record<string, string>>,
    { metrics, clock }: { readonly metrics: Recorder; readonly clock: Pick<Clock, "now"> },
  ): RuleMeasure =>
  (name) =>
    metrics.record({ namespace: "AWS/Events", name, dimensions }, 1, clock.now());
