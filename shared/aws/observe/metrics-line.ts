import {
  dimensionsOf,
  METRICS_NAMESPACE,
  spineOf,
  type AgentMetric,
  type FunctionMetric,
  type SpineMetric,
} from "./metrics.ts";

export type Metric = FunctionMetric | SpineMetric | AgentMetric;

/** A count of one invocation. */
export interface Counted {
  readonly metric: Metric;
  readonly value: number;
  /** Where the metric goes by agent. */
  readonly agent?: string;
}

/** Who counts: the function's name, and what convention calls it behind the spine's prefix. */
export interface Counter {
  readonly functionName: string;
  readonly service: string;
}

/**
 * Counts as lines of CloudWatch's embedded metric format, from which it makes metrics without a call of ours: a line for
 * each set of dimensions with its values. A function whose name does not tell its spine writes none that go by spine.
 */
export function metricsLines(
  { functionName, service }: Counter,
  counts: readonly Counted[],
  now: number,
): readonly string[] {
  const spine = spineOf(functionName, service);
  const known = { service: functionName, ...(spine !== undefined && { spine }) };
  const lines = new Map<
    string,
    { readonly dimensions: Record<string, string>; readonly counts: Counted[] }
  >();
  for (const count of counts) {
    const dimensions = valuesOf(count, known);
    if (dimensions === undefined) continue;
    const key = JSON.stringify(dimensions);
    const line = lines.get(key) ?? { dimensions, counts: [] };
    line.counts.push(count);
    lines.set(key, line);
  }
  return [...lines.values()].map((line) => lineOf(line.dimensions, line.counts, now));
}

function valuesOf(
  { metric, agent }: Counted,
  known: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  const names = dimensionsOf(metric);
  const values = names.map((name) => [name, name === "agent" ? agent : known[name]] as const);
  if (values.some(([, value]) => value === undefined)) return undefined;
  // Each was found above.
  return Object.fromEntries(values) as Record<string, string>;
}

function lineOf(
  dimensions: Readonly<Record<string, string>>,
  counts: readonly Counted[],
  now: number,
): string {
  const Metrics = counts.map(({ metric }) => ({ Name: metric, Unit: "Count" }));
  const CloudWatchMetrics = [
    { Namespace: METRICS_NAMESPACE, Dimensions: [Object.keys(dimensions)], Metrics },
  ];
  return JSON.stringify({
    _aws: { Timestamp: now, CloudWatchMetrics },
    ...dimensions,
    ...Object.fromEntries(counts.map(({ metric, value }) => [metric, value])),
  });
}
