import type { Properties } from "../template/properties.ts";
import { parseExpression, type Expression } from "./expression.ts";
import type { MetricKey } from "./metric-key.ts";
import { MINUTE_MS, minuteOf, STATISTICS, type MetricStore, type Statistic } from "./metric-store.ts";

/** A metric as an alarm looks at it. */
export interface Watched {
  readonly key: MetricKey;
  readonly statistic: Statistic;
}

export interface AlarmDefinition {
  readonly name: string;
  readonly description: string;
  /** What the alarm looks at, by the ids that the expression uses. */
  readonly metrics: ReadonlyMap<string, Watched>;
  readonly expression: Expression;
  readonly periodMs: number;
  readonly threshold: number;
  readonly comparison: keyof typeof COMPARISONS;
  /** The newest periods that are looked at, and how many of them must be over the threshold. */
  readonly periods: number;
  readonly breaching: number;
  /** Whether a period without a value counts as over the threshold. */
  readonly missingBreaches: boolean;
  /** ARNs. */
  readonly actions: readonly string[];
}

const COMPARISONS = {
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
} as const;

/** Reads an alarm of a template; whatever is not understood is an error. */
export function readAlarm(properties: Properties): AlarmDefinition {
  const metrics = new Map<string, Watched>();
  const { expression, periodMs } = readMetrics(properties, metrics);
  const periods = properties.number("EvaluationPeriods");
  const missing = properties.only("TreatMissingData", "notBreaching", "breaching");
  // Without it the state depends on data older than the periods looked at, in a way that AWS does not document whole.
  if (missing === undefined)
    throw new Error(`${properties.owner} must say TreatMissingData: notBreaching or breaching.`);
  const definition: AlarmDefinition = {
    name: properties.text("AlarmName"),
    description: properties.text("AlarmDescription"),
    metrics,
    expression,
    periodMs,
    threshold: properties.number("Threshold"),
    comparison: properties.only("ComparisonOperator", ...comparisons) ?? "GreaterThanOrEqualToThreshold",
    periods,
    breaching: properties.optionalNumber("DatapointsToAlarm") ?? periods,
    missingBreaches: missing === "breaching",
    actions: properties.texts("AlarmActions"),
  };
  properties.done();
  return definition;
}

const comparisons = Object.keys(COMPARISONS) as (keyof typeof COMPARISONS)[]; // its own keys

type Looked = Pick<AlarmDefinition, "expression" | "periodMs">;

/** One metric, or an expression over some; all of one period. */
function readMetrics(properties: Properties, metrics: Map<string, Watched>): Looked {
  const queries = properties.objects("Metrics");
  if (queries.length === 0) {
    metrics.set("only", readWatched(properties, properties.text("Statistic")));
    return { expression: parseExpression("only"), periodMs: readPeriod(properties) };
  }
  let expression: Expression | undefined;
  const lengths = new Set<number>();
  for (const query of queries) {
    const id = query.text("Id");
    const text = query.optionalText("Expression");
    const returned = query.raw("ReturnData") ?? true;
    query.withoutLocalMeaning({ Label: "for people", AccountId: "there is one account" });
    if (text === undefined) {
      const stat = query.object("MetricStat");
      lengths.add(readPeriod(stat));
      const metric = stat.object("Metric");
      metrics.set(id, readWatched(metric, stat.text("Stat")));
      metric.done();
      stat.done();
    } else if (expression === undefined && returned === true) expression = parseExpression(text);
    else throw new Error(`${query.owner}: a local alarm needs exactly one expression, which it evaluates.`);
    query.done();
  }
  const [periodMs] = lengths;
  if (expression === undefined || periodMs === undefined || lengths.size > 1)
    throw new Error(`${properties.owner} needs one expression over metrics of one period.`);
  const unknown = expression.uses.filter((id) => !metrics.has(id));
  if (unknown.length > 0) throw new Error(`${properties.owner} has no metric ${unknown.join(", ")}.`);
  return { expression, periodMs };
}

function readPeriod(properties: Properties): number {
  const seconds = properties.number("Period");
  if (seconds > 0 && seconds % 60 === 0) return seconds * 1_000;
  throw new Error(`${properties.owner}: a Period of ${seconds} s is not supported here, only whole minutes.`);
}

function readWatched(properties: Properties, stat: string): Watched {
  const statistic = STATISTICS.find((known) => known === stat);
  if (statistic === undefined)
    throw new Error(`${properties.owner}: the statistic ${stat} is not supported here.`);
  properties.withoutLocalMeaning({ Unit: "each metric has one unit" });
  return { key: readMetricKey(properties), statistic };
}

/** Namespace, name and dimensions of a metric in a template. */
export function readMetricKey(properties: Properties): MetricKey {
  const dimensions = properties.objects("Dimensions").map((dimension) => {
    const pair = [dimension.text("Name"), dimension.text("Value")] as const;
    dimension.done();
    return pair;
  });
  return {
    namespace: properties.text("Namespace"),
    name: properties.text("MetricName"),
    dimensions: Object.fromEntries(dimensions),
  };
}

/**
 * Whether an alarm is over its threshold at a time. As CloudWatch does, it looks each minute at whole periods that end with
 * the last full minute, so that periods slide.
 */
export function isRinging(alarm: AlarmDefinition, store: MetricStore, now: number): boolean {
  const { periods, periodMs, breaching, missingBreaches, threshold, comparison } = alarm;
  const end = minuteOf(now) * MINUTE_MS;
  let over = 0;
  for (let back = 0; back < periods; back += 1) {
    const to = end - back * periodMs;
    const value = valueOf(alarm, store, to - periodMs, to);
    if (value === undefined ? missingBreaches : COMPARISONS[comparison](value, threshold)) over += 1;
  }
  return over >= breaching;
}

const valueOf = (
  { metrics, expression }: AlarmDefinition,
  store: MetricStore,
  from: number,
  to: number,
): number | undefined =>
  expression.value((id) => {
    const watched = metrics.get(id);
    return watched && store.statistic(watched.key, watched.statistic, from, to);
  });
