import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from "@aws-sdk/client-dynamodb";
import { SpineError } from "#core/errors.ts";
import { MAX_BATCH_WRITES } from "../service-limits.ts";

const MAX_TRIES = 4;
const FIRST_PAUSE_MS = 25;

/** Writes or deletes any number of items, in order of batches; what DynamoDB leaves over is sent again, with growing pauses. */
export async function writeBatches(
  client: DynamoDBClient,
  table: string,
  requests: readonly WriteRequest[],
): Promise<void> {
  for (let from = 0; from < requests.length; from += MAX_BATCH_WRITES)
    await writeBatch(client, table, requests.slice(from, from + MAX_BATCH_WRITES));
}

async function writeBatch(
  client: DynamoDBClient,
  table: string,
  requests: readonly WriteRequest[],
): Promise<void> {
  let left = requests;
  for (let tried = 0; left.length > 0; tried += 1) {
    if (tried === MAX_TRIES) {
      throw new SpineError(
        "log.unavailable",
        `${left.length} items were not written because DynamoDB throttled them.`,
        {
          retryable: true,
        },
      );
    }
    if (tried > 0) await pause(FIRST_PAUSE_MS * 2 ** tried);
    const { UnprocessedItems } = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: [...left] } }),
    );
    left = UnprocessedItems?.[table] ?? [];
  }
}

const pause = (ms: number): Promise<void> => new Promise((wake) => void setTimeout(wake, ms));
