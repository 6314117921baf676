import { GetItemCommand, PutItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { sessionKeyText, type AttemptRef } from "#core/ids.ts";
import type { Heartbeats } from "#ports/agents.ts";
import { reaching } from "../aws-error.ts";
import { HEARTBEAT_PARTITION, ItemKind } from "../names.ts";

export interface DynamoHeartbeatsOptions {
  readonly client: DynamoDBClient;
  /** The log's table: no session's partition begins with "#". */
  readonly table: string;
}

/** A beat is nobody's business any more when its attempt must be over: the longest task takes 15 minutes. */
const KEPT_SECONDS = 3_600;

/** One item an attempt, which each beat replaces and the table's time to live removes. */
export function createDynamoHeartbeats({ client, table }: DynamoHeartbeatsOptions): Heartbeats {
  const read = async (ref: AttemptRef): Promise<number | undefined> => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: keyOf(ref), ConsistentRead: true }),
    );
    const at = Item?.["at"]?.N;
    return at === undefined ? undefined : Number(at);
  };
  return {
    async beat(ref, at) {
      const kind = { S: ItemKind.heartbeat };
      const expires = { N: String(Math.ceil(at / 1_000) + KEPT_SECONDS) };
      const Item = { ...keyOf(ref), kind, at: { N: String(at) }, expires };
      await reaching("The heartbeat cannot be recorded", () =>
        client.send(new PutItemCommand({ TableName: table, Item })),
      );
    },
    last: (attempts) => reaching("The heartbeats cannot be read", () => Promise.all(attempts.map(read))),
  };
}

const keyOf = (ref: AttemptRef) => ({
  pk: { S: `${HEARTBEAT_PARTITION}${sessionKeyText(ref)}/${ref.task}` },
  sk: { N: String(ref.attempt) },
});
