import { METRICS_NAMESPACE } from "./names.ts";

/**
 * Counts as a line of CloudWatch's embedded metric format, from which it makes metrics without a call of ours. A line
 * takes 100 metrics.
 */
export function metricsLine(service: string, counts: ReadonlyMap<string, number>, now: number): string {
  const Metrics = [...counts.keys()].map((Name) => ({ Name, Unit: "Count" }));
  const CloudWatchMetrics = [{ Namespace: METRICS_NAMESPACE, Dimensions: [["service"]], Metrics }];
  return JSON.stringify({
    _aws: { Timestamp: now, CloudWatchMetrics },
    service,
    ...Object.fromEntries(counts),
  });
}
