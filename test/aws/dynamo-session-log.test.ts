import {
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import { createDynamoSessionLog } from "#aws/dynamo/dynamo-session-log.ts";
import { parseSessionKey } from "#core/ids.ts";
import { readCommitItem } from "#aws/dynamo/log-items.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import type { Blobs } from "#ports/blobs.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";

const dynamo = mockedClient(DynamoDBClient);
const digest = createNodeDigest();
const log = createDynamoSessionLog({ client: new DynamoDBClient({}), table: "log", digest });
const key = parseSessionKey({ tenant: "acme", session: "s-1" });
const commit = { first: 4, last: 6, text: '{"a":1}', snapshot: true };
const item = {
  pk: { S: "acme/s-1" },
  sk: { N: "4" },
  kind: { S: "commit" },
  last: { N: "6" },
  text: { S: '{"a":1}' },
  snapshot: { BOOL: true },
};
const plain = (first: number) => ({ ...item, sk: { N: String(first) }, snapshot: { BOOL: false } });

beforeEach(() => dynamo.reset());

describe("the session log on DynamoDB", () => {
  it("commits with one conditional put", async () => {
    dynamo.on(PutItemCommand).resolves({});
    expect(await log.append(key, commit)).toEqual(commit);
    expect(inputsOf(dynamo)).toEqual([
      { TableName: "log", Item: item, ConditionExpression: "attribute_not_exists(pk)" },
    ]);
  });

  it("returns conflict when the condition fails", async () => {
    dynamo.on(PutItemCommand).rejects(awsError("ConditionalCheckFailedException"));
    expect(await log.append(key, commit)).toBe("conflict");
  });

  it.each([
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "InternalServerError",
    "TimeoutError",
    "AccessDeniedException",
  ])("reports the log as unavailable and retryable after %s", async (name) => {
    dynamo.onAnyCommand().rejects(awsError(name));
    const unavailable = { code: "log.unavailable", retryable: true };
    await expect(log.append(key, commit)).rejects.toMatchObject(unavailable);
    await expect(log.readTail(key)).rejects.toMatchObject(unavailable);
    await expect(log.readMarker(key, "shop", "1")).rejects.toMatchObject(unavailable);
  });

  it("packs a commit's text, reads it beside older plain ones, and writes as configured", async () => {
    const text = `{"events":[${"1,".repeat(200)}1]}`;
    dynamo.on(PutItemCommand).resolves({});
    await log.append(key, { ...commit, text });
    const sent = inputsOf(dynamo)[0] as { readonly Item: Record<string, AttributeValue> };
    expect(sent.Item).toEqual({
      ...item,
      text: { B: expect.any(Uint8Array) as Uint8Array },
      codec: { S: "deflate-1" },
    });
    dynamo.on(QueryCommand).resolves({ Items: [{ ...sent.Item, sk: { N: "5" } }, item] });
    expect((await log.readAfter(key, 3, 2)).map((read) => read.text)).toEqual([text, '{"a":1}']);
    const writer = createDynamoSessionLog({
      client: new DynamoDBClient({}),
      table: "log",
      digest,
      codec: "plain",
    });
    await writer.append(key, { ...commit, text });
    expect(inputsOf(dynamo).at(-1)).toMatchObject({ Item: { ...item, text: { S: text } } });
  });

  it("reads the tail backwards and consistently, as many commits as usually reach back to a snapshot", async () => {
    dynamo.on(QueryCommand).resolves({ Items: [plain(9), plain(7), item, plain(1)] });
    expect((await log.readTail(key)).map(({ first }) => first)).toEqual([4, 7, 9]);
    expect(inputsOf(dynamo)).toEqual([
      {
        TableName: "log",
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: "acme/s-1" } },
        ScanIndexForward: false,
        Limit: 4,
      },
    ]);
  });

  it("reads further pages only until it finds a snapshot", async () => {
    const lastKey = { pk: item.pk, sk: { N: "7" } };
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [plain(9), plain(7)], LastEvaluatedKey: lastKey })
      .resolves({ Items: [item], LastEvaluatedKey: lastKey });
    expect((await log.readUpTo(key, 9)).map(({ first }) => first)).toEqual([4, 7, 9]);
    const query = {
      TableName: "log",
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk AND sk <= :at",
      ExpressionAttributeValues: { ":pk": { S: "acme/s-1" }, ":at": { N: "9" } },
      ScanIndexForward: false,
      Limit: 4,
    };
    expect(inputsOf(dynamo)).toEqual([query, { ...query, Limit: 2, ExclusiveStartKey: lastKey }]);
  });

  it("reads all commits that may lie between snapshots when the usual number is too small, and none before the first", async () => {
    const lastKey = { pk: item.pk, sk: { N: "13" } };
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [plain(16), plain(15), plain(14), plain(13)], LastEvaluatedKey: lastKey })
      .resolves({ Items: [plain(9), plain(1)], LastEvaluatedKey: lastKey });
    expect(await log.readTail(key)).toHaveLength(6);
    expect(inputsOf(dynamo).map((input) => (input as QueryCommandInput).Limit)).toEqual([4, 12]);
  });

  it("reads on from a sequence, never more than requested", async () => {
    dynamo.on(QueryCommand).resolves({ Items: [plain(2), plain(3)] });
    expect(await log.readAfter(key, 1, 2)).toHaveLength(2);
    expect(inputsOf(dynamo)).toEqual([
      {
        TableName: "log",
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk AND sk > :at",
        ExpressionAttributeValues: { ":pk": { S: "acme/s-1" }, ":at": { N: "1" } },
        ScanIndexForward: true,
        Limit: 2,
      },
    ]);
  });

  it("reports a corrupt item instead of guessing", async () => {
    dynamo.on(QueryCommand).resolves({ Items: [{ pk: item.pk, sk: item.sk }] });
    await expect(log.readTail(key)).rejects.toMatchObject({ code: "log.corrupt" });
  });

  describe("markers", () => {
    const marker = { source: "shop", id: "order-1", hash: "h", sequence: 7 };
    const pk = { S: `acme/s-1#marker#${digest.sha256('["shop","order-1"]')}` };
    const stored = {
      pk,
      sk: { N: "0" },
      kind: { S: "marker" },
      source: { S: "shop" },
      id: { S: "order-1" },
      hash: { S: "h" },
      sequence: { N: "7" },
    };

    it("are read consistently by a hashed key", async () => {
      dynamo.on(GetItemCommand).resolves({ Item: stored });
      expect(await log.readMarker(key, "shop", "order-1")).toEqual(marker);
      expect(inputsOf(dynamo)).toEqual([
        { TableName: "log", ConsistentRead: true, Key: { pk, sk: { N: "0" } } },
      ]);
    });

    it("are written again when DynamoDB left them unprocessed, and nothing else is", async () => {
      const request = { PutRequest: { Item: stored } };
      dynamo
        .on(BatchWriteItemCommand)
        .resolvesOnce({ UnprocessedItems: { log: [request] } })
        .resolves({ UnprocessedItems: {} });
      await log.writeMarkers(key, [marker, { ...marker, id: "order-2" }]);
      expect(inputsOf(dynamo)).toEqual([
        { RequestItems: { log: [request, expect.anything()] } },
        { RequestItems: { log: [request] } },
      ]);
    });

    it("that are never processed make the log unavailable: the commit must not precede them", async () => {
      dynamo
        .on(BatchWriteItemCommand)
        .resolves({ UnprocessedItems: { log: [{ PutRequest: { Item: stored } }] } });
      await expect(log.writeMarkers(key, [marker])).rejects.toMatchObject({
        code: "log.unavailable",
        retryable: true,
      });
    });

    it("are written 25 to a request, and a repeated one once", async () => {
      dynamo.on(BatchWriteItemCommand).resolves({});
      const many = Array.from({ length: 30 }, (_, index) => ({ ...marker, id: `order-${index % 27}` }));
      await log.writeMarkers(key, many);
      const sizes = inputsOf(dynamo).map((input) => (input as SentBatch).RequestItems.log.length);
      expect(sizes).toEqual([25, 2]);
    });
  });
});

interface SentBatch {
  readonly RequestItems: { readonly log: readonly unknown[] };
}

describe("a text too large for an item", () => {
  const text = JSON.stringify("x".repeat(400_000));
  const large = { first: 4, last: 6, text, snapshot: false };

  /** A log whose table gives back what was put there. */
  function logWith(blobs: Blobs | undefined) {
    const items: Record<string, AttributeValue>[] = [];
    dynamo.on(PutItemCommand).callsFake(({ Item }: { readonly Item: Record<string, AttributeValue> }) => {
      items.push(Item);
      return {};
    });
    dynamo.on(QueryCommand).callsFake(() => ({ Items: items }));
    const writer = createDynamoSessionLog({ client: new DynamoDBClient({}), table: "log", digest, blobs });
    return { writer, items };
  }

  it("is a blob of its session before its commit is put, which holds its key and its hash", async () => {
    const blobs = createMemoryBlobs();
    const { writer, items } = logWith(blobs);
    expect(await writer.append(key, large)).toEqual(large);
    const [put] = items;
    expect(put).toMatchObject({ codec: { S: "blob-1" }, sk: { N: "4" }, snapshot: { BOOL: false } });
    const hash = digest.sha256(text);
    expect(Buffer.from(put?.["text"]?.B ?? []).toString()).toBe(
      JSON.stringify({ key: `commits/acme/s-1/${hash}`, hash }),
    );
    expect(await blobs.get(`commits/acme/s-1/${hash}`)).toBe(text);
    expect(await writer.readTail(key)).toEqual([large]);
  });

  it("is returned by a version without such texts, and is retryable", async () => {
    const { writer, items } = logWith(createMemoryBlobs());
    await writer.append(key, large);
    expect(() => readCommitItem(items[0] ?? {})).toThrow(
      expect.objectContaining({ code: "log.other-version", retryable: true }) as Error,
    );
  });

  it("is corrupt when it is missing or altered", async () => {
    const blobs = createMemoryBlobs();
    const { writer, items } = logWith(blobs);
    await writer.append(key, large);
    await blobs.put(`commits/acme/s-1/${digest.sha256(text)}`, "other");
    await expect(writer.readTail(key)).rejects.toMatchObject({ code: "log.corrupt" });
    const { writer: elsewhere } = logWith(createMemoryBlobs());
    dynamo.on(QueryCommand).callsFake(() => ({ Items: items }));
    await expect(elsewhere.readTail(key)).rejects.toMatchObject({ code: "log.corrupt" });
  });

  it("is not committed when its blob was not written, and requires a bucket", async () => {
    const { writer, items } = logWith(undefined);
    await expect(writer.append(key, large)).rejects.toMatchObject({
      code: "log.unavailable",
      message: expect.stringContaining("BUCKET_NAME") as unknown,
    });
    expect(items).toEqual([]);
  });
});
