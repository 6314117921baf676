import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type AttributeValue,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import { createDynamoFlowLibrary } from "#aws/dynamo/dynamo-flow-library.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { mockedClient } from "./aws-mock.ts";

const dynamo = mockedClient(DynamoDBClient);
const digest = createNodeDigest();
const blobs = createMemoryBlobs();
const library = (codec?: "plain") =>
  createDynamoFlowLibrary({ client: new DynamoDBClient({}), table: "log", digest, blobs, codec });
const TEXT = JSON.stringify({ name: "visit", plan: { kind: "sequence", steps: [] } });
const HASH = digest.sha256(TEXT);
const KEY = { pk: { S: `#flow/${HASH}` }, sk: { N: "0" } };

type Item = Record<string, AttributeValue>;
const putItem = (): Item => dynamo.commandCalls(PutItemCommand)[0]?.args[0].input.Item ?? {};

beforeEach(() => dynamo.reset());

describe("the flows in the log's table", () => {
  it("are items of their own that never expire, put only where none stands", async () => {
    dynamo.on(PutItemCommand).resolves({});
    await library("plain").put(HASH, TEXT);
    expect(dynamo.commandCalls(PutItemCommand).map(({ args }) => args[0].input)).toEqual([
      {
        TableName: "log",
        Item: { ...KEY, kind: { S: "flow" }, text: { S: TEXT } },
        ConditionExpression: "attribute_not_exists(pk)",
      },
    ]);
  });

  it("are stored already where another process was faster", async () => {
    dynamo
      .on(PutItemCommand)
      .rejects(new ConditionalCheckFailedException({ message: "stands", $metadata: {} }));
    await expect(library().put(HASH, TEXT)).resolves.toBeUndefined();
  });

  it("are packed like commits, and read consistently", async () => {
    dynamo.on(PutItemCommand).resolves({});
    await library().put(HASH, TEXT);
    expect(putItem()).toMatchObject({ codec: { S: "deflate-1" } });
    dynamo.on(GetItemCommand).resolves({ Item: putItem() });
    expect(await library().get(HASH)).toBe(TEXT);
    expect(dynamo.commandCalls(GetItemCommand).map(({ args }) => args[0].input)).toEqual([
      { TableName: "log", ConsistentRead: true, Key: KEY },
    ]);
  });

  it("that no item can hold are blobs that belong to no session", async () => {
    dynamo.on(PutItemCommand).resolves({});
    const large = JSON.stringify({ name: "x".repeat(400_000) });
    const hash = digest.sha256(large);
    await library().put(hash, large);
    expect(putItem()).toMatchObject({ codec: { S: "blob-1" } });
    expect(await blobs.get(`commits/#flow/${hash}`)).toBe(large);
    dynamo.on(GetItemCommand).resolves({ Item: putItem() });
    expect(await library().get(hash)).toBe(large);
  });

  it("cannot be reached: that is retryable, and none is taken as missing", async () => {
    const away = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
    dynamo.on(PutItemCommand).rejects(away).on(GetItemCommand).rejects(away);
    const unavailable = { code: "log.unavailable", retryable: true };
    await expect(library().put(HASH, TEXT)).rejects.toMatchObject(unavailable);
    await expect(library().get(HASH)).rejects.toMatchObject(unavailable);
    dynamo.on(GetItemCommand).resolves({});
    expect(await library().get(HASH)).toBeUndefined();
    dynamo.on(GetItemCommand).resolves({ Item: { ...KEY, kind: { S: "flow" } } });
    await expect(library().get(HASH)).rejects.toMatchObject({ code: "log.corrupt" });
  });
});
