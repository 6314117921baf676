import { AwsError } from "../http/service-error.ts";
import type { MetricKey } from "./metric-key.ts";
import { STATISTICS, type Percentile, type Statistic } from "./metric-store.ts";

/** One of GetMetricData's queries. */
export interface MetricQuery {
  readonly id: string;
  readonly key: MetricKey;
  readonly statistic: Statistic | Percentile;
  readonly periodMs: number;
  readonly returned: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

export const MOST_QUERIES = 500;
const MOST_DIMENSIONS = 30;
const ID = /^[a-z][a-zA-Z0-9_]{0,254}$/;
const PERCENTILE = /^p(?:100|\d{1,2}(?:\.\d{1,10})?)$/;
/** Data points of longer ago stand in coarser periods only: 15 days, and 63. */
const COARSER = [
  { olderMs: 63 * 86_400_000, seconds: 3_600 },
  { olderMs: 15 * 86_400_000, seconds: 300 },
] as const;

/** What CloudWatch answers to a request that it does not take. */
export const invalid = (message: string): AwsError => new AwsError("ValidationException", message);

/** Reads the queries of a request, which asks for data points from `from`, ms. Throws for what CloudWatch would not take. */
export function readMetricQueries(given: unknown, from: number, now: number): readonly MetricQuery[] {
  if (!Array.isArray(given) || given.length === 0)
    throw invalid("The parameter MetricDataQueries must have at least 1 query.");
  if (given.length > MOST_QUERIES)
    throw invalid(`The collection MetricDataQueries must not have a size greater than ${MOST_QUERIES}.`);
  const queries = given.map((each) => readQuery(fieldsOf(each, "MetricDataQueries"), from, now));
  const ids = new Set(queries.map(({ id }) => id));
  if (ids.size < queries.length)
    throw invalid("The values for parameter Id in MetricDataQueries are not unique.");
  if (!queries.some(({ returned }) => returned))
    throw invalid("At least one of the MetricDataQueries must have ReturnData true.");
  return queries;
}

function readQuery(query: Fields, from: number, now: number): MetricQuery {
  const id = textOf(query, "Id");
  if (!ID.test(id))
    throw invalid(
      `The value "${id}" for parameter Id must start with a lowercase letter and contain letters, digits and "_" only.`,
    );
  if (query["Expression"] !== undefined && query["MetricStat"] !== undefined)
    throw invalid(`The query ${id} must have either MetricStat or Expression.`);
  if (query["Expression"] !== undefined)
    throw new AwsError(
      "UnsupportedOperation",
      "The local endpoint evaluates no expressions in GetMetricData.",
    );
  const stat = fieldsOf(query["MetricStat"], `MetricStat of ${id}`);
  const seconds = stat["Period"];
  if (typeof seconds !== "number" || !Number.isInteger(seconds) || seconds < 60 || seconds % 60 !== 0)
    throw invalid(`The Period of ${id} must be a multiple of 60 for a metric of standard resolution.`);
  const coarse = COARSER.find(({ olderMs }) => now - from > olderMs);
  if (coarse !== undefined && seconds % coarse.seconds !== 0)
    throw invalid(`The Period of ${id} must be a multiple of ${coarse.seconds} for a StartTime so long ago.`);
  return {
    id,
    key: readKey(fieldsOf(stat["Metric"], `Metric of ${id}`)),
    statistic: readStatistic(textOf(stat, "Stat")),
    periodMs: seconds * 1_000,
    returned: query["ReturnData"] !== false,
  };
}

function readStatistic(text: string): Statistic | Percentile {
  const known = STATISTICS.find((each) => each === text);
  if (known !== undefined) return known;
  if (PERCENTILE.test(text)) return text as Percentile; // it has just been tested
  throw invalid(`The value ${text} for parameter MetricStat.Stat is not supported.`);
}

function readKey(metric: Fields): MetricKey {
  const namespace = textOf(metric, "Namespace");
  if (namespace.startsWith(":")) throw invalid("The parameter Namespace must not start with a colon.");
  const given = metric["Dimensions"] ?? [];
  const dimensions = Array.isArray(given) ? given.map((each) => fieldsOf(each, "Dimensions")) : [];
  if (dimensions.length > MOST_DIMENSIONS)
    throw invalid(`The collection Dimensions must not have a size greater than ${MOST_DIMENSIONS}.`);
  return {
    namespace,
    name: textOf(metric, "MetricName"),
    dimensions: Object.fromEntries(dimensions.map((each) => [textOf(each, "Name"), textOf(each, "Value")])),
  };
}

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields; // an object's own
  throw invalid(`The parameter ${name} is required.`);
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string" && value !== "") return value;
  throw invalid(`The parameter ${name} is required.`);
}
