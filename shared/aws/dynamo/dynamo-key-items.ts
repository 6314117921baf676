import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import type { SessionKey } from "#core/ids.ts";
import type { KeyEraser } from "#ports/secrets.ts";
import { reaching } from "../aws-error.ts";
import { partitionOf } from "./log-items.ts";
import { ItemKind, KEY_PARTITION_END, TableAttribute } from "../names.ts";

export interface WrappedKey {
  readonly wrapped: Uint8Array;
  /** ARN of the key of KMS that wrapped it; items from before it was noted have none. */
  readonly wrappedBy?: string | undefined;
}

/** What stands in a session's item: its wrapped key, or only that it was erased. */
export type KeptKey = WrappedKey | "erased" | undefined;

/** Sessions' wrapped data keys, each in an item of its own beside the log. */
export interface KeyItems extends KeyEraser {
  read(key: SessionKey): Promise<KeptKey>;
  /** False where one stands already. */
  put(key: SessionKey, wrapped: WrappedKey): Promise<boolean>;
}

/** An erased session keeps an item without a key, so that it gets no other. */
export function createDynamoKeyItems(client: DynamoDBClient, table: string): KeyItems {
  // In a partition of its own, which no session can be named like.
  const itemKey = (key: SessionKey) => ({ pk: { S: partitionOf(key) + KEY_PARTITION_END }, sk: { N: "0" } });
  const kind = { [TableAttribute.kind]: { S: ItemKind.key } };
  return {
    read: (key) =>
      reaching(unreached(key), async () => {
        const get = { TableName: table, Key: itemKey(key), ConsistentRead: true };
        const { Item } = await client.send(new GetItemCommand(get));
        const wrapped = Item?.["wrapped"]?.B;
        if (wrapped !== undefined) return { wrapped, wrappedBy: Item?.["wrappedBy"]?.S };
        return Item === undefined ? undefined : "erased";
      }),

    put: (key, { wrapped, wrappedBy }) =>
      reaching(
        unreached(key),
        async () => {
          await client.send(
            new PutItemCommand({
              TableName: table,
              Item: {
                ...itemKey(key),
                ...kind,
                wrapped: { B: wrapped },
                ...(wrappedBy !== undefined && { wrappedBy: { S: wrappedBy } }),
              },
              ConditionExpression: "attribute_not_exists(pk)",
            }),
          );
          return true;
        },
        { answers: { ConditionalCheckFailedException: false } },
      ),

    erase: (key, reason) =>
      reaching(unreached(key), async () => {
        const item = { ...itemKey(key), ...kind, reason: { S: reason } };
        await client.send(new PutItemCommand({ TableName: table, Item: item }));
      }),

    remove: (key) =>
      reaching(unreached(key), async () => {
        await client.send(new DeleteItemCommand({ TableName: table, Key: itemKey(key) }));
      }),
  };
}

const unreached = (key: SessionKey): string => `The data key of ${partitionOf(key)} cannot be read or stored`;
