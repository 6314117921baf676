import { gunzipSync, gzipSync } from "node:zlib";
import { GetItemCommand, PutItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { isAwsError } from "#aws/aws-error.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { SessionState } from "#core/session/state.ts";
import { foldAdvance } from "#core/session/subscription.ts";
import type { Subscriber } from "#runtime/relay/create-subscriber.ts";

export interface DynamoMirrorOptions {
  readonly client: DynamoDBClient;
  /** A table with the partition key `pk` (text). */
  readonly table: string;
}

const keyOf = (key: SessionKey) => ({ pk: { S: sessionKeyText(key) } });

/**
 * The state of every session, rebuilt from what is published: an item each, in one write with its sequence, which never
 * goes back. Compressed, since a state may have more than the 400 KB of an item.
 */
export function createDynamoMirror({ client, table }: DynamoMirrorOptions): Subscriber<SessionState> {
  return {
    async load(key) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true }),
      );
      const packed = Item?.["state"]?.B;
      // Only this module writes the table.
      return packed && (JSON.parse(gunzipSync(packed).toString("utf8")) as SessionState);
    },

    take: foldAdvance,

    async store(key, state) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...keyOf(key),
              sequence: { N: String(state.sequence) },
              state: { B: gzipSync(JSON.stringify(state)) },
            },
            ConditionExpression: "attribute_not_exists(pk) OR #sequence < :sequence",
            ExpressionAttributeNames: { "#sequence": "sequence" },
            ExpressionAttributeValues: { ":sequence": { N: String(state.sequence) } },
          }),
        );
      } catch (error) {
        // Somebody who was slower here is done: the newer state holds this one.
        if (!isAwsError(error, "ConditionalCheckFailedException")) throw error;
      }
    },
  };
}
