import {
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
  type DynamoDBClient,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { SessionKey } from "#core/ids.ts";
import { scoreOrder, type KeptScore } from "#core/scoring/kept-score.ts";
import type { Scores } from "#ports/scores.ts";
import { reaching } from "../aws-error.ts";
import { ScoreAttribute } from "../names.ts";
import { partitionOf, textIn } from "./log-items.ts";
import { writeBatches } from "./dynamo-write-batch.ts";

export interface DynamoScoresOptions {
  readonly client: DynamoDBClient;
  /** A table of its own, with `ScoreAttribute` as keys. */
  readonly table: string;
}

const { partition, sort, expires } = ScoreAttribute;
const MS_PER_SECOND = 1_000;
/** A key of DynamoDB cannot be empty; every order begins with a digit and goes on. */
const BEFORE_ALL = "0";

/** Puts scores: all that scoring may do. They go `keptSeconds` after their replies, within the days that DynamoDB takes for it. */
export function createDynamoScoreKeeper(
  { client, table }: DynamoScoresOptions,
  keptSeconds: number,
): Pick<Scores, "put"> {
  return {
    put: (key, score) =>
      reaching(
        "A score cannot be kept",
        async () => {
          await client.send(
            new PutItemCommand({
              TableName: table,
              Item: {
                [partition]: { S: partitionOf(key) },
                [sort]: { S: scoreOrder(score) },
                [expires]: { N: String(Math.ceil(score.time / MS_PER_SECOND) + keptSeconds) },
                score: { S: JSON.stringify(score) },
              },
              ConditionExpression: "attribute_not_exists(#pk)",
              ExpressionAttributeNames: { "#pk": partition },
            }),
          );
        },
        { answers: { ConditionalCheckFailedException: undefined } },
      ),
  };
}

/** Reads scores, and erases those of a session. */
export function createDynamoScores({ client, table }: DynamoScoresOptions): Pick<Scores, "read" | "erase"> {
  const names = { "#pk": partition, "#sk": sort };
  const ofSession = (key: SessionKey, more: Partial<QueryCommandInput> = {}): QueryCommandInput => ({
    TableName: table,
    KeyConditionExpression: "#pk = :pk",
    ExpressionAttributeValues: { ":pk": { S: partitionOf(key) } },
    ...more,
  });

  return {
    read: (key, { after = "", limit }) =>
      reaching("Scores cannot be read", async () => {
        const query = ofSession(key, {
          KeyConditionExpression: "#pk = :pk AND #sk > :after",
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: { ":pk": { S: partitionOf(key) }, ":after": { S: after || BEFORE_ALL } },
          Limit: limit,
        });
        const { Items = [] } = await client.send(new QueryCommand(query));
        // Written by us.
        return Items.map((item) => JSON.parse(textIn(item, "score")) as KeptScore);
      }),

    erase: (key) =>
      reaching("Scores cannot be erased", async () => {
        let from: Record<string, AttributeValue> | undefined;
        do {
          const query = ofSession(key, {
            ConsistentRead: true,
            ProjectionExpression: "#pk, #sk",
            ExpressionAttributeNames: names,
            ...(from !== undefined && { ExclusiveStartKey: from }),
          });
          const { Items = [], LastEvaluatedKey } = await client.send(new QueryCommand(query));
          await writeBatches(
            client,
            table,
            Items.map((item) => ({ DeleteRequest: { Key: item } })),
          );
          from = LastEvaluatedKey;
        } while (from !== undefined);
      }),
  };
}
