import { AwsError } from "../http/service-error.ts";
import type { Throttling } from "../throttling/throttling.ts";
import { createTokenBucket, type TokenBucket } from "../throttling/token-bucket.ts";

const WRITE_UNIT_BYTES = 1_024;
const READ_UNIT_BYTES = 4_096;

/** Units of writing one item: of its larger image, at least one. A transaction writes twice. */
export const writeUnits = (bytes: number, transactional = false): number =>
  Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES)) * (transactional ? 2 : 1);

/** Units of reading: half where the read may be old, twice in a transaction. */
export const readUnits = (bytes: number, consistency: "eventual" | "consistent" | "transactional"): number =>
  Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) *
  { eventual: 0.5, consistent: 1, transactional: 2 }[consistency];

export type Direction = "Read" | "Write";

/** Whose throughput a request uses. */
export interface Used {
  readonly table: { readonly name: string; readonly arn: string };
  readonly direction: Direction;
  /** Of the item; undefined where a request goes through all of them. */
  readonly partition: string | undefined;
  readonly units: number;
}

/** The throughput of tables on demand and of their partition keys. Bursts beyond a second are not promised, so not given. */
export interface Throughput {
  /** Why these units cannot be had now; undefined when they are taken. */
  take(used: Used): AwsError | undefined;
  /** Takes what a read turned out to need beyond what it was let in for. */
  charge(used: Used): void;
}

export function createThroughput(throttling: Throttling, now: () => number): Throughput {
  const { quotas } = throttling;
  const buckets = new Map<string, TokenBucket>();
  const bucketOf = (name: string, perSecond: number): TokenBucket => {
    const known = buckets.get(name);
    if (known !== undefined) return known;
    const made = createTokenBucket({ perSecond, now });
    buckets.set(name, made);
    return made;
  };
  const bucketsOf = ({ table, direction, partition }: Used): readonly TokenBucket[] => {
    const [ofKey, ofTable] =
      direction === "Write"
        ? [quotas.partitionWrites, quotas.tableWrites]
        : [quotas.partitionReads, quotas.tableReads];
    return [
      ...(partition === undefined
        ? []
        : [bucketOf(JSON.stringify([table.name, direction, partition]), ofKey)]),
      bucketOf(JSON.stringify([table.name, direction]), ofTable),
    ];
  };

  return {
    take(used) {
      if (bucketsOf(used).every((bucket) => bucket.take(used.units))) return undefined;
      throttling.refused(`dynamodb ${used.direction.toLowerCase()} units`);
      return tooMuch(used);
    },
    charge(used) {
      for (const bucket of bucketsOf(used)) bucket.charge(used.units);
    },
  };
}

/** As a table on demand refuses, whose partitions are what there is too little of; the SDK tries again after it. */
export function tooMuch({ table, direction }: Pick<Used, "table" | "direction">): AwsError {
  const message =
    "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly. If exceptions persist, check if you have a hot key.";
  return new AwsError("com.amazonaws.dynamodb.v20120810#ThrottlingException", message, 400, {
    throttlingReasons: [{ reason: `Table${direction}KeyRangeThroughputExceeded`, resource: table.arn }],
  });
}
