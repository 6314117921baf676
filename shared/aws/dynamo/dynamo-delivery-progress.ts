import {
  DeleteItemCommand,
  GetItemCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import type { SessionKey } from "#core/ids.ts";
import type { DeliveryProgress } from "#ports/publish.ts";
import { isAwsError, reaching } from "../aws-error.ts";
import { partitionOf } from "./log-items.ts";
import { ItemKind, PROGRESS_PARTITION, TableAttribute } from "../names.ts";

/** An attribute of the item, for each subscription. No attribute of our own begins so. */
const REACHED = "sub-";

/**
 * In the log's own table, an item a session: a table restored to an earlier moment has the progress of that moment. In a
 * partition of its own, so that the right to write it is none to write commits.
 */
export function createDynamoDeliveryProgress(client: DynamoDBClient, table: string): DeliveryProgress {
  const itemOf = (key: SessionKey) => ({
    TableName: table,
    Key: { pk: { S: PROGRESS_PARTITION + partitionOf(key) }, sk: { N: "0" } },
  });

  return {
    reached: (key) =>
      reaching(unreached(key), async () => {
        // Consistent: from an older answer commits would be sent again, harmlessly but for nothing.
        const { Item = {} } = await client.send(new GetItemCommand({ ...itemOf(key), ConsistentRead: true }));
        return new Map(
          Object.entries(Item).flatMap(([name, value]) =>
            name.startsWith(REACHED) ? [[name.slice(REACHED.length), Number(value.N)] as const] : [],
          ),
        );
      }),

    advance: (key, reached) =>
      reaching(unreached(key), async () => {
        await Promise.all(
          [...reached].map(async ([subscription, sequence]) => {
            try {
              await client.send(
                new UpdateItemCommand({
                  ...itemOf(key),
                  UpdateExpression: "SET #reached = :sequence, #kind = :kind",
                  ConditionExpression: "attribute_not_exists(#reached) OR #reached < :sequence",
                  ExpressionAttributeNames: {
                    "#reached": REACHED + subscription,
                    "#kind": TableAttribute.kind,
                  },
                  ExpressionAttributeValues: {
                    ":sequence": { N: String(sequence) },
                    ":kind": { S: ItemKind.progress },
                  },
                }),
              );
            } catch (error) {
              // Another batch is further.
              if (!isAwsError(error, "ConditionalCheckFailedException")) throw error;
            }
          }),
        );
      }),

    remove: (key) =>
      reaching(unreached(key), async () => {
        await client.send(new DeleteItemCommand(itemOf(key)));
      }),
  };
}

const unreached = (key: SessionKey): string =>
  `The delivery progress of ${partitionOf(key)} cannot be read or written`;
