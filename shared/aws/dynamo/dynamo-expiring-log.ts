import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { SpineError } from "#core/errors.ts";
import { readTombstone } from "#core/session/tombstone.ts";
import type { ExpiringLog } from "#ports/retention.ts";
import { createDynamoSessionLog, reading, type DynamoSessionLogOptions } from "./dynamo-session-log.ts";
import { writeBatches } from "./dynamo-write-batch.ts";
import { commitItem, markerKey, partitionOf } from "./log-items.ts";
import { CommitCodec, ItemKind, TableAttribute } from "../names.ts";

/** The session log as retention has it: beside all else it removes what a tombstone stands for. */
export function createDynamoExpiringLog(options: DynamoSessionLogOptions): ExpiringLog {
  const { client, table, digest } = options;
  return {
    ...createDynamoSessionLog({ ...options, itemOf }),

    removeCommits: (key, tombstone, firsts) =>
      reading(key, async () => {
        const pk = { S: partitionOf(key) };
        const { Item: stands } = await client.send(
          new GetItemCommand({
            TableName: table,
            ConsistentRead: true,
            Key: { pk, sk: { N: String(tombstone) } },
            ProjectionExpression: "#kind",
            ExpressionAttributeNames: { "#kind": TableAttribute.kind },
          }),
        );
        // A tombstone is never written over, so what was seen once stays true.
        if (stands?.[TableAttribute.kind]?.S !== ItemKind.tombstone)
          throw new SpineError("internal", `Commit ${tombstone} of ${partitionOf(key)} has no tombstone.`);
        const older = firsts.filter((first) => first < tombstone);
        const requests = older.map((first) => ({
          DeleteRequest: { Key: { pk, sk: { N: String(first) } } },
        }));
        await writeBatches(client, table, requests);
      }),

    removeMarkers: (key, ids) =>
      reading(key, async () => {
        // One batch must not name a key twice.
        const distinct = new Map(ids.map(({ source, id }) => [JSON.stringify([source, id]), { source, id }]));
        const requests = [...distinct.values()].map(({ source, id }) => ({
          DeleteRequest: { Key: markerKey(key, source, id, digest) },
        }));
        await writeBatches(client, table, requests);
      }),
  };
}

/** The relay takes commits only; a tombstone goes by itself when nothing can come any more that must find it. */
const itemOf: typeof commitItem = (key, stored) => {
  const item = commitItem(key, stored, CommitCodec.plain);
  const tombstone = readTombstone(key, stored.text);
  if (tombstone === undefined) return item;
  return {
    ...item,
    [TableAttribute.kind]: { S: ItemKind.tombstone },
    [TableAttribute.expires]: { N: String(Math.ceil(tombstone.until / 1_000)) },
  };
};
