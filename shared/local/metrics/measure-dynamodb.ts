import type { Clock } from "#ports/clock.ts";
import type { Around, LocalRequest, LocalResponse } from "../http/loopback-server.ts";
import type { Recorder } from "./metric-store.ts";

const READS = ["GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"];
const THROTTLED =
  /(?:^|#)(?:ThrottlingException|ProvisionedThroughputExceededException|RequestLimitExceeded)$/;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Counts what DynamoDB refuses for want of capacity, whoever refuses it here; written only while there is something. A batch
 * that was done in part is no throttled request, but each item that was left is a throttle event of its table.
 */
export function measureDynamo(recorder: Recorder, clock: Pick<Clock, "now">): Around {
  const record = (name: string, dimensions: Readonly<Record<string, string>>, value: number) =>
    recorder.record({ namespace: "AWS/DynamoDB", name, dimensions }, value, clock.now());

  return async (request, handle) => {
    const response = await handle(request);
    const operation = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
    const events = READS.includes(operation) ? "ReadThrottleEvents" : "WriteThrottleEvents";
    for (const [table, items] of throttledIn(request, response)) {
      record(events, { TableName: table }, items);
      if (response.status !== 200) record("ThrottledRequests", { TableName: table, Operation: operation }, 1);
    }
    return response;
  };
}

/** How many items of which tables were throttled. */
function throttledIn(request: LocalRequest, response: LocalResponse): ReadonlyMap<string, number> {
  const text = String(response.body);
  // Parsed where it may say so: answers are items as a rule, and many.
  if (response.status === 200 && !text.includes('"Unprocessed')) return new Map();
  const answer = fieldsOf(text);
  if (response.status === 200) return countsOf(answer["UnprocessedItems"] ?? answer["UnprocessedKeys"]);
  if (!THROTTLED.test(String(answer["__type"]))) return new Map();
  const input = fieldsOf(request.body.toString("utf8"));
  const { TableName: table, RequestItems: items } = input;
  return items === undefined ? new Map([[nameOf(String(table)), 1]]) : countsOf(items);
}

/** Of a batch: the requests of each table, or the keys. */
function countsOf(items: unknown): ReadonlyMap<string, number> {
  const tables = Object.entries(
    (items ?? {}) as Readonly<Record<string, { readonly Keys?: unknown } | unknown[]>>,
  ); // as DynamoDB has them
  return new Map(
    tables.map(([table, asked]) => {
      const list = Array.isArray(asked) ? asked : asked.Keys;
      return [nameOf(table), Array.isArray(list) ? list.length : 1];
    }),
  );
}

/** Tables may be named by their ARNs. */
const nameOf = (table: string): string => table.split("/").at(-1) ?? table;

function fieldsOf(text: string): Fields {
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return {};
  }
}
