import {
  DeleteItemCommand,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { parseSessionKey, sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Digest } from "#ports/secrets.ts";
import type { DueSession, RetentionIndex } from "#ports/retention.ts";
import { reaching } from "../aws-error.ts";
import { textIn } from "./log-items.ts";
import { ItemKind, RETENTION_PARTITION, TableAttribute } from "../names.ts";

export interface DynamoRetentionIndexOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly digest: Digest;
}

/** A partition takes 1,000 writes a second, and sessions that begin now all lie at the end of it. */
const SHARDS = 16;
const PAGE = 100;
/** Digits of a number that tell sessions of one millisecond apart; with those of the time a key has 33 of the 38 allowed. */
const TAIL_DIGITS = 20;
type Item = Record<string, AttributeValue>;

/**
 * The index in the log's own table, so that a table restored to an earlier moment has the notes of that moment. An item's sort
 * key is a number: the time, and behind it digits that follow from the session.
 */
export function createDynamoRetentionIndex(options: DynamoRetentionIndexOptions): RetentionIndex {
  const { client, table, digest } = options;

  const keyOf = (key: SessionKey, at: number): Item => {
    const hash = Buffer.from(digest.sha256(sessionKeyText(key)), "base64url");
    const tail = hash.readBigUInt64BE(1).toString().padStart(TAIL_DIGITS, "0");
    return { pk: { S: partition((hash[0] ?? 0) % SHARDS) }, sk: { N: `${at}${tail}` } };
  };

  async function* dueIn(shard: number, before: string): AsyncGenerator<DueSession> {
    let start: Item | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await reaching(UNREACHED, () =>
        client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: "pk = :pk AND sk < :before",
            ExpressionAttributeValues: { ":pk": { S: partition(shard) }, ":before": { N: before } },
            Limit: PAGE,
            ...(start !== undefined && { ExclusiveStartKey: start }),
          }),
        ),
      );
      for (const item of Items) yield readDue(item);
      start = LastEvaluatedKey;
    } while (start !== undefined);
  }

  return {
    note: (key, at) =>
      reaching(UNREACHED, async () => {
        const item = {
          ...keyOf(key, at),
          [TableAttribute.kind]: { S: ItemKind.retention },
          session: { S: sessionKeyText(key) },
          at: { N: String(at) },
        };
        await client.send(new PutItemCommand({ TableName: table, Item: item }));
      }),

    async *due(now) {
      const before = `${now + 1}${"0".repeat(TAIL_DIGITS)}`;
      for (let shard = 0; shard < SHARDS; shard += 1) yield* dueIn(shard, before);
    },

    forget: (due) =>
      reaching(UNREACHED, async () => {
        await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(due, due.at) }));
      }),
  };
}

const partition = (shard: number): string => `${RETENTION_PARTITION}${shard}`;

function readDue(item: Item): DueSession {
  const [tenant, session] = textIn(item, "session").split("/");
  return { ...parseSessionKey({ tenant, session }), at: Number(item["at"]?.N) };
}

const UNREACHED = "The retention index cannot be read or written";
