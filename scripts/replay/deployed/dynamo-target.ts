import { PutItemCommand, QueryCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { BareCall } from "../score.ts";
import type { Target } from "../target.ts";
import { CallAttribute } from "./names.ts";

/** The services' memory in a table: a call that comes again with its key replaces itself. */
export function createDynamoTarget(client: DynamoDBClient, table: string): Target {
  const turnOf = (dialogue: string, turn: number) => ({ S: `${dialogue}/${turn}` });
  return {
    async receive({ dialogue, turn }, idempotencyKey, call) {
      const Item = {
        [CallAttribute.turn]: turnOf(dialogue, turn),
        [CallAttribute.key]: { S: idempotencyKey },
        call: { S: JSON.stringify(call) },
      };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },
    async receivedIn(dialogue, turn) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: "#turn = :turn",
          ExpressionAttributeNames: { "#turn": CallAttribute.turn },
          ExpressionAttributeValues: { ":turn": turnOf(dialogue, turn) },
        }),
      );
      // Only `receive` writes the table.
      return Items.map(({ call }) => JSON.parse(call?.S ?? "") as BareCall);
    },
  };
}
