import type { LocalTable } from "../dynamodb/dynamodb-endpoint.ts";
import type { Item } from "../dynamodb/table-stream.ts";
import type { Site } from "./site.ts";

/**
 * Hands the items that a folder of data held before this start to their stream's mappings, as TRIM_HORIZON does for what
 * is still in the stream. Queues are not kept, so this is how work that was under way goes on. Gives their number.
 */
export async function replayTables({ tables, store }: Site): Promise<number> {
  let replayed = 0;
  for (const table of tables.values()) {
    if (table.stream === undefined) continue;
    // Dynalite scans a partition's items in the order of their sort key.
    for (const item of await itemsOf(table, store)) {
      table.stream.append(table.keyOf(item), undefined, item);
      replayed += 1;
    }
  }
  return replayed;
}

async function itemsOf({ name }: LocalTable, store: Site["store"]): Promise<readonly Item[]> {
  const items: Item[] = [];
  let start: unknown;
  do {
    const { status, body } = await store.call("Scan", {
      TableName: name,
      ...(start !== undefined && { ExclusiveStartKey: start }),
    });
    if (status !== 200) throw new Error(`${name} cannot be scanned: ${JSON.stringify(body)}`);
    items.push(...((body["Items"] ?? []) as readonly Item[])); // what DynamoDB's Scan answers
    start = body["LastEvaluatedKey"];
  } while (start !== undefined);
  return items;
}
