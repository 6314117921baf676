/** One metric: CloudWatch keeps one for each namespace, name and set of dimensions, and tells no two of them together. */
export interface MetricKey {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** The same for the same metric, in whatever order its dimensions are named. */
export const metricId = ({ namespace, name, dimensions }: MetricKey): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** A metric as people read it. */
export const metricText = ({ namespace, name, dimensions }: MetricKey): string =>
  `${namespace} ${name} {${Object.entries(dimensions)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ")}}`;
