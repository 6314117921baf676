import type { MetricKey } from "./metric-key.ts";
import type { Recorder } from "./metric-store.ts";

export interface EmbeddedOptions {
  readonly recorder: Recorder;
  /** Throws where a metric is none that anything would look at. */
  readonly require: (key: MetricKey) => void;
  readonly onTrouble: (message: string) => void;
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string }[];
}

const MAX_METRICS = 100;
const MAX_DIMENSIONS = 30;

/**
 * Reads a line that a function printed as CloudWatch Logs does: where it is JSON of the embedded metric format, its values
 * become measurements, once for each set of dimensions. A line that CloudWatch would make nothing of is told as trouble.
 */
export function recordEmbedded(line: string, { recorder, require, onTrouble }: EmbeddedOptions): void {
  if (!line.includes('"_aws"')) return;
  try {
    const root = JSON.parse(line) as Readonly<Record<string, unknown>> & {
      readonly _aws: { readonly Timestamp: number; readonly CloudWatchMetrics: readonly Directive[] };
    }; // by the format's specification; what differs fails below
    for (const { Namespace, Dimensions, Metrics } of root._aws.CloudWatchMetrics) {
      if (Metrics.length > MAX_METRICS) throw new Error(`it has more than ${MAX_METRICS} metrics`);
      for (const names of Dimensions) {
        if (names.length > MAX_DIMENSIONS) throw new Error(`it has more than ${MAX_DIMENSIONS} dimensions`);
        const dimensions = Object.fromEntries(names.map((name) => [name, textOf(root[name], name)]));
        for (const { Name } of Metrics) {
          const key = { namespace: Namespace, name: Name, dimensions };
          require(key);
          for (const value of valuesOf(root[Name], Name)) recorder.record(key, value, root._aws.Timestamp);
        }
      }
    }
  } catch (error) {
    onTrouble(
      `CloudWatch creates no metric from a line: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function textOf(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new Error(`its dimension ${name} has no value`);
}

function valuesOf(value: unknown, name: string): readonly number[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.map((one) => {
    if (typeof one === "number") return one;
    throw new Error(`its metric ${name} has no number`);
  });
}
