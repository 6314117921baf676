import type { Item } from "./table-stream.ts";

type Input = Readonly<Record<string, unknown>>;

/** One question to IAM: may the caller do this to that table, of which it names these partitions? */
export interface AskedRight {
  readonly action: string;
  /** As the request names it. */
  readonly table: string;
  readonly index?: string;
  /** The partitions that are named, each once; none where a scan names none. */
  readonly partitions: (partitionKey: string) => readonly string[];
}

/** The actions by which AWS authorizes the items of a transaction: each by its own. */
const TRANSACTED: Readonly<Record<string, string>> = {
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
  Get: "GetItem",
};

/**
 * What a call asks IAM for. A batch is one action a table, whatever it does with the items: BatchWriteItem deletes too,
 * without the right of DeleteItem. A transaction asks for each item's own action. Partitions are those of all items.
 */
export function askedRights(operation: string, input: Input): readonly AskedRight[] {
  if (operation === "BatchWriteItem" || operation === "BatchGetItem") {
    return Object.entries(recordIn(input["RequestItems"])).map(([table, requests]) => ({
      action: operation,
      table,
      partitions: (partitionKey) => distinct(batchItems(operation, requests).flatMap(valueOf(partitionKey))),
    }));
  }
  if (operation === "TransactWriteItems" || operation === "TransactGetItems") {
    return listIn(input["TransactItems"]).flatMap((entry) =>
      Object.entries(recordIn(entry)).map(([kind, part]) => ({
        action: TRANSACTED[kind] ?? kind,
        table: String(recordIn(part)["TableName"]),
        partitions: (partitionKey: string) => distinct(valueOf(partitionKey)(keyOrItem(recordIn(part)))),
      })),
    );
  }
  const index = input["IndexName"];
  return [
    {
      action: operation,
      table: String(input["TableName"]),
      ...(typeof index === "string" && { index }),
      partitions: (partitionKey) =>
        operation === "Query"
          ? distinct(queried(input, partitionKey))
          : distinct(valueOf(partitionKey)(keyOrItem(input))),
    },
  ];
}

/** Put's Item, Delete's Key, or the keys that are read. */
function batchItems(operation: string, requests: unknown): readonly unknown[] {
  if (operation === "BatchGetItem") return listIn(recordIn(requests)["Keys"]);
  return listIn(requests).map((request) => {
    const { PutRequest, DeleteRequest } = recordIn(request);
    return keyOrItem(recordIn(PutRequest ?? DeleteRequest));
  });
}

const keyOrItem = (input: Input): unknown => input["Key"] ?? input["Item"];

/** A key condition always compares the partition key with one value. */
function queried(input: Input, partitionKey: string): readonly string[] {
  const names = recordIn(input["ExpressionAttributeNames"]);
  const values = recordIn(input["ExpressionAttributeValues"]);
  const condition = input["KeyConditionExpression"];
  const tests = typeof condition === "string" ? condition.matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g) : [];
  return [...tests].flatMap(([, name = "", value = ""]) =>
    (names[name] ?? name) === partitionKey ? text(values[value]) : [],
  );
}

const valueOf =
  (partitionKey: string) =>
  (item: unknown): readonly string[] =>
    text(recordIn(item)[partitionKey]);

function text(attribute: unknown): readonly string[] {
  const value = keyText(attribute);
  return value === undefined ? [] : [value];
}

/** The value of a key attribute. */
export function keyText(attribute: unknown): string | undefined {
  const { S, N, B } = recordIn(attribute);
  const value = S ?? N ?? B;
  return typeof value === "string" ? value : undefined;
}

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)];

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

export function recordIn(value: unknown): Item {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
