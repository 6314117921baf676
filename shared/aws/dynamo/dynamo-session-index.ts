import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import type { SessionKey } from "#core/ids.ts";
import type { Digest } from "#ports/secrets.ts";
import type { SessionIndex } from "#ports/session-index.ts";
import { reaching } from "../aws-error.ts";
import { IndexAttribute } from "../names.ts";
import { partitionOf } from "./log-items.ts";
import { createDynamoSessionList } from "./dynamo-session-list.ts";
import { closedItem, indexItems, ownKey, readIndexItem } from "./session-index-items.ts";

export interface DynamoSessionIndexOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly digest: Digest;
}

type Item = Record<string, AttributeValue>;

/** The index in a table of its own: an item a session, and one more for each flow beyond its first. */
export function createDynamoSessionIndex({ client, table, digest }: DynamoSessionIndexOptions): SessionIndex {
  const put = (key: SessionKey, item: Item, over: number | undefined) =>
    reaching(
      unreached(key),
      async () => {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: item,
            // A row of another form is none that anybody reads.
            ConditionExpression: `attribute_not_exists(#pk) OR #sequence < :sequence OR #form <> :form${over === undefined ? "" : " OR #sequence = :over"}`,
            ExpressionAttributeNames: {
              "#pk": IndexAttribute.partition,
              "#sequence": "sequence",
              "#form": "form",
            },
            ExpressionAttributeValues: {
              ":sequence": item["sequence"] ?? { N: "0" },
              ":form": item["form"] ?? { N: "0" },
              ...(over !== undefined && { ":over": { N: String(over) } }),
            },
          }),
        );
      },
      // A later row stands there.
      { answers: { ConditionalCheckFailedException: undefined } },
    );

  const read = (key: SessionKey) =>
    reaching(unreached(key), async () => {
      const get = { TableName: table, Key: ownKey(key), ConsistentRead: true };
      return (await client.send(new GetItemCommand(get))).Item;
    });

  const removeAll = async (key: SessionKey, withOwn: boolean): Promise<void> => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: "#pk = :pk",
        ProjectionExpression: "#pk, #sk",
        ExpressionAttributeNames: { "#pk": IndexAttribute.partition, "#sk": IndexAttribute.sort },
        ExpressionAttributeValues: { ":pk": { S: partitionOf(key) } },
      }),
    );
    const own = ownKey(key)[IndexAttribute.sort]?.S;
    const meant = withOwn ? Items : Items.filter((found) => found[IndexAttribute.sort]?.S !== own);
    await Promise.all(
      meant.map((found) => client.send(new DeleteItemCommand({ TableName: table, Key: found }))),
    );
  };

  return {
    get: async (key) => readIndexItem(await read(key)),

    async put(key, indexed, over) {
      const items = indexItems(key, indexed, digest);
      const own = items.at(-1);
      // Of a session that has ended nothing is left behind, as its own item, which tells of that, comes last.
      if (items.length > 1 && (await read(key))?.["sequence"]?.N === closedItem(key)["sequence"]?.N) return;
      await Promise.all(items.slice(0, -1).map((item) => put(key, item, over)));
      if (own !== undefined) await put(key, own, over);
    },

    ...createDynamoSessionList(client, table),

    close: (key) =>
      reaching(unreached(key), async () => {
        await client.send(new PutItemCommand({ TableName: table, Item: closedItem(key) }));
        await removeAll(key, false);
      }),

    remove: (key) => reaching(unreached(key), () => removeAll(key, true)),
  };
}

const unreached = (key: SessionKey): string => `The index's entry of ${partitionOf(key)} cannot be reached`;
