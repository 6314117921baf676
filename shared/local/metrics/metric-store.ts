import { createHistogram, percentileOf, type Histogram } from "./histogram.ts";
import { metricId, type MetricKey } from "./metric-key.ts";

/** Statistics that alarms use here. */
export const STATISTICS = ["Sum", "Average", "Minimum", "Maximum", "SampleCount"] as const;
export type Statistic = (typeof STATISTICS)[number];
/** Such as `p99`, which queries may ask for. */
export type Percentile = `p${number}`;

/** Where measurements go. */
export interface Recorder {
  /** @param at ms; a measurement counts in the minute that it falls in */
  record(key: MetricKey, value: number, at: number): void;
}

export interface MetricStore extends Recorder {
  /** A statistic over the minutes from `from` up to `to`; undefined where nothing was measured. */
  statistic(key: MetricKey, statistic: Statistic | Percentile, from: number, to: number): number | undefined;
}

export const MINUTE_MS = 60_000;
/** Longer than any alarm looks back. */
const KEPT_MINUTES = 24 * 60;

/** Metrics whose percentiles anybody asks for. */
const WITH_PERCENTILES: ReadonlySet<string> = new Set(["Duration", "UrlRequestLatency"]);

interface Minute {
  readonly histogram: Histogram | undefined;
  sum: number;
  count: number;
  min: number;
  max: number;
}

export const minuteOf = (at: number): number => Math.floor(at / MINUTE_MS);

/** Measurements by metric and minute, as CloudWatch keeps them at its standard resolution; here for a day. */
export function createMetricStore(): MetricStore {
  const metrics = new Map<string, Map<number, Minute>>();

  const minutesOf = (key: MetricKey): Map<number, Minute> => {
    const id = metricId(key);
    const known = metrics.get(id);
    if (known !== undefined) return known;
    const made = new Map<number, Minute>();
    metrics.set(id, made);
    return made;
  };

  return {
    record(key, value, at) {
      const minutes = minutesOf(key);
      const minute = minuteOf(at);
      const found = minutes.get(minute);
      if (found === undefined) {
        const histogram = WITH_PERCENTILES.has(key.name) ? createHistogram() : undefined;
        histogram?.add(value);
        minutes.set(minute, { histogram, sum: value, count: 1, min: value, max: value });
        // In order of time, but for what a function logged a moment late.
        const [oldest = minute] = minutes.keys();
        if (oldest < minute - KEPT_MINUTES) minutes.delete(oldest);
        return;
      }
      found.histogram?.add(value);
      found.sum += value;
      found.count += 1;
      found.min = Math.min(found.min, value);
      found.max = Math.max(found.max, value);
    },
    statistic(key, statistic, from, to) {
      const minutes = metrics.get(metricId(key));
      if (minutes === undefined) return undefined;
      const found: Minute[] = [];
      for (let minute = minuteOf(from); minute < minuteOf(to); minute += 1) {
        const one = minutes.get(minute);
        if (one !== undefined) found.push(one);
      }
      return found.length === 0 ? undefined : of(found, statistic);
    },
  };
}

function of(minutes: readonly Minute[], statistic: Statistic | Percentile): number | undefined {
  const sum = minutes.reduce((total, minute) => total + minute.sum, 0);
  const count = minutes.reduce((total, minute) => total + minute.count, 0);
  switch (statistic) {
    case "Sum":
      return sum;
    case "SampleCount":
      return count;
    case "Average":
      return sum / count;
    case "Minimum":
      return Math.min(...minutes.map(({ min }) => min));
    case "Maximum":
      return Math.max(...minutes.map(({ max }) => max));
    default:
      return percentileOf(
        minutes.flatMap(({ histogram }) => histogram ?? []),
        Number(statistic.slice(1)) / 100,
      );
  }
}
