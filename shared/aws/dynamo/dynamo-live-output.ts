import { PutItemCommand, QueryCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { sessionKeyText } from "#core/ids.ts";
import { LIVE_PAUSE_MS, type LiveRecord } from "#core/session/live/live-record.ts";
import type { Clock } from "#ports/clock.ts";
import type { LiveOutput } from "#ports/live-output.ts";
import { reaching, isAwsError } from "../aws-error.ts";
import { textIn } from "./log-items.ts";

export interface DynamoLiveOutputOptions {
  readonly client: DynamoDBClient;
  /** A table of its own: it has no stream, and nothing of it is a commit. */
  readonly table: string;
  readonly clock: Pick<Clock, "now">;
}

/** The longest task takes 15 minutes. DynamoDB removes what has expired within days, so that readers look at the time too. */
const KEPT_SECONDS = 900;

/** One item a task, which each record replaces. */
export function createDynamoLiveOutput({ client, table, clock }: DynamoLiveOutputOptions): LiveOutput {
  return {
    async put(key, record, at) {
      const { task, attempt, n } = record;
      const put = new PutItemCommand({
        TableName: table,
        Item: {
          session: { S: sessionKeyText(key) },
          task: { S: task },
          attempt: { N: String(attempt) },
          n: { N: String(n) },
          at: { N: String(at) },
          expires: { N: String(Math.ceil(at / 1_000) + KEPT_SECONDS) },
          record: { S: JSON.stringify(record) },
        },
        ConditionExpression:
          "attribute_not_exists(#task) OR #attempt < :attempt OR (#attempt = :attempt AND #n < :n AND #at <= :before)",
        ExpressionAttributeNames: { "#task": "task", "#attempt": "attempt", "#n": "n", "#at": "at" },
        ExpressionAttributeValues: {
          ":attempt": { N: String(attempt) },
          ":n": { N: String(n) },
          ":before": { N: String(at - LIVE_PAUSE_MS) },
        },
      });
      await reaching("Live output cannot be kept", async () => {
        try {
          await client.send(put);
        } catch (error) {
          // One that comes too soon, or after a newer one.
          if (!isAwsError(error, "ConditionalCheckFailedException")) throw error;
        }
      });
    },

    async read(key) {
      // What is a moment old is as good: the next look finds the rest.
      const { Items = [] } = await reaching("Live output cannot be read", () =>
        client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: "#session = :session",
            FilterExpression: "#expires > :now",
            ExpressionAttributeNames: { "#session": "session", "#expires": "expires" },
            ExpressionAttributeValues: {
              ":session": { S: sessionKeyText(key) },
              ":now": { N: String(Math.floor(clock.now() / 1_000)) },
            },
          }),
        ),
      );
      // Written by us.
      return Items.map((item) => JSON.parse(textIn(item, "record")) as LiveRecord);
    },
  };
}
