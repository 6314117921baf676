import { ScanCommand, type AttributeValue, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDynamoSessionLog } from "#aws/dynamo/dynamo-session-log.ts";
import { ItemKind, TableAttribute } from "#aws/names.ts";
import { parseSessionKey, sessionKeyText, type SessionKey } from "#core/ids.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import type { Blobs } from "#ports/blobs.ts";
import type { EnumerableSessionLog } from "#ports/session-log.ts";

/** The log in its table, whole: only a table on this machine is small enough to be scanned. */
export function createLocalLog(client: DynamoDBClient, table: string, blobs?: Blobs): EnumerableSessionLog {
  return {
    ...createDynamoSessionLog({ client, table, digest: createNodeDigest(), blobs }),
    async sessions() {
      const keys = new Map<string, SessionKey>();
      let start: Record<string, AttributeValue> | undefined;
      do {
        const page = await client.send(
          new ScanCommand({
            TableName: table,
            ConsistentRead: true,
            FilterExpression: "#kind = :commit",
            ExpressionAttributeNames: { "#kind": TableAttribute.kind },
            ExpressionAttributeValues: { ":commit": { S: ItemKind.commit } },
            ...(start !== undefined && { ExclusiveStartKey: start }),
          }),
        );
        for (const { pk } of page.Items ?? []) {
          const [tenant, session] = (pk?.S ?? "").split("/");
          const key = parseSessionKey({ tenant, session });
          keys.set(sessionKeyText(key), key);
        }
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
      return [...keys.values()];
    },
  };
}
