import { ScanCommand, type AttributeValue, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { parseCommit } from "#core/session/codec.ts";
import type { CommitScan } from "#ports/queues.ts";
import { reaching } from "../aws-error.ts";
import { readCommitRef, readStreamImage } from "./log-items.ts";
import { ItemKind, TableAttribute } from "../names.ts";

export interface DynamoCommitScanOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/**
 * Reads the whole table, 1 MB a page: a commit's time stands in its text, and an index by time would cost every commit a
 * second write for what is asked once in years.
 */
export function createDynamoCommitScan({ client, table }: DynamoCommitScanOptions): CommitScan {
  const page = (after: string | undefined) =>
    reaching("The log cannot be scanned", () =>
      client.send(
        new ScanCommand({
          TableName: table,
          ConsistentRead: true,
          FilterExpression: "#kind = :commit",
          ExpressionAttributeNames: { "#kind": TableAttribute.kind },
          ExpressionAttributeValues: { ":commit": { S: ItemKind.commit } },
          ...(after !== undefined && {
            // Made of the last page's key, below.
            ExclusiveStartKey: JSON.parse(after) as Record<string, AttributeValue>,
          }),
        }),
      ),
    );

  return {
    async since(since, after) {
      const { Items = [], LastEvaluatedKey } = await page(after);
      return {
        refs: Items.filter((item) => isSince(item, since)).map(readCommitRef),
        ...(LastEvaluatedKey !== undefined && { after: JSON.stringify(LastEvaluatedKey) }),
      };
    },
  };
}

/** What cannot be read here, or stands beside the table, is relayed too: once more is harmless, and where it fails its letter says so. */
function isSince(item: Readonly<Record<string, AttributeValue>>, since: number): boolean {
  try {
    const { commit, ...key } = readStreamImage(item);
    return parseCommit(key, commit).seen.now >= since;
  } catch {
    return true;
  }
}
