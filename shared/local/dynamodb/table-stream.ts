import { createHash } from "node:crypto";

export type Item = Readonly<Record<string, unknown>>;
export type StreamView = "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES" | "KEYS_ONLY";

/** A record as Lambda hands it to a function. */
export interface StreamEventRecord {
  readonly eventID: string;
  readonly eventName: "INSERT" | "MODIFY" | "REMOVE";
  readonly eventVersion: "1.1";
  readonly eventSource: "aws:dynamodb";
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly NewImage?: Item;
    readonly OldImage?: Item;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: StreamView;
  };
}

export interface TableStream {
  readonly arn: string;
  /** Appends what a write changed; a write that changed nothing leaves no record. */
  append(keys: Item, before: Item | undefined, after: Item | undefined): void;
  /** Hands each record on as it is appended, with its partition. Gives the way to stop. */
  subscribe(listener: (record: StreamEventRecord, partition: string) => void): () => void;
}

export interface TableStreamOptions {
  readonly arn: string;
  readonly region: string;
  readonly view: StreamView;
  readonly partitionKey: string;
  readonly now: () => number;
}

/** The stream of one table: the caller appends in order per key, and so it is handed on. */
export function createTableStream({ arn, region, view, partitionKey, now }: TableStreamOptions): TableStream {
  const listeners = new Set<(record: StreamEventRecord, partition: string) => void>();
  let sequence = 0;
  return {
    arn,
    append(keys, before, after) {
      if (before === undefined && after === undefined) return;
      if (sameItem(before, after)) return;
      sequence += 1;
      const image = {
        ...(after !== undefined && view.startsWith("NEW") && { NewImage: after }),
        ...(before !== undefined &&
          (view === "OLD_IMAGE" || view === "NEW_AND_OLD_IMAGES") && { OldImage: before }),
      };
      const record: StreamEventRecord = {
        eventID: createHash("md5").update(`${arn}/${sequence}`).digest("hex"),
        eventName: before === undefined ? "INSERT" : after === undefined ? "REMOVE" : "MODIFY",
        eventVersion: "1.1",
        eventSource: "aws:dynamodb",
        awsRegion: region,
        eventSourceARN: arn,
        dynamodb: {
          ApproximateCreationDateTime: Math.floor(now() / 1_000),
          Keys: keys,
          ...image,
          SequenceNumber: String(sequence).padStart(21, "0"),
          SizeBytes: Buffer.byteLength(JSON.stringify({ keys, ...image })),
          StreamViewType: view,
        },
      };
      const partition = JSON.stringify(keys[partitionKey]);
      for (const listener of listeners) listener(record, partition);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Attributes of an item have no order. */
function sameItem(one: Item | undefined, other: Item | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const sorted = (item: Item) => JSON.stringify(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(one) === sorted(other);
}
