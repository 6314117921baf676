import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { beforeEach, describe, expect, it } from "vitest";
import { createDynamoCommitScan } from "#aws/dynamo/dynamo-commit-scan.ts";
import { commitItem } from "#aws/dynamo/log-items.ts";
import { createS3LetterBox } from "#aws/s3/s3-letter-box.ts";
import { createSqsAnswerQueue } from "#aws/sqs/sqs-answer-queue.ts";
import { createSqsInbox } from "#aws/sqs/sqs-inbox.ts";
import { createSqsWaysBack } from "#aws/sqs/sqs-ways-back.ts";
import { parseSessionKey, parseTaskId } from "#core/ids.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";

const [s3, sqs, dynamo] = [mockedClient(S3Client), mockedClient(SQSClient), mockedClient(DynamoDBClient)];
const key = parseSessionKey({ tenant: "acme", session: "s-1" });
const queues = { client: new SQSClient({}), queuePrefix: "https://sqs/1/spine-", digest: createNodeDigest() };

beforeEach(() => {
  for (const stub of [s3, sqs, dynamo]) stub.reset();
  sqs.on(SendMessageBatchCommand).resolves({});
});

describe("letters on S3", () => {
  const box = createS3LetterBox({ client: new S3Client({}), bucket: "blobs" });

  it("are stored, read, listed and removed by key", async () => {
    s3.on(PutObjectCommand).resolves({});
    s3.on(GetObjectCommand).resolves({ Body: { transformToString: () => Promise.resolve("text") } as never });
    s3.on(ListObjectsV2Command).resolves({ Contents: [{ Key: "letters/a" }, { Key: "letters/b" }] });
    s3.on(DeleteObjectCommand).resolves({});
    await box.put("letters/a", "text");
    expect(await box.get("letters/a")).toBe("text");
    expect(await box.list("letters/", 100)).toEqual(["letters/a", "letters/b"]);
    await box.list("letters/", 100, "letters/b");
    await box.remove("letters/a");
    const Bucket = "blobs";
    expect(inputsOf(s3)).toEqual([
      { Bucket, Key: "letters/a", Body: "text", ContentType: "application/json" },
      { Bucket, Key: "letters/a" },
      { Bucket, Prefix: "letters/", MaxKeys: 100 },
      { Bucket, Prefix: "letters/", MaxKeys: 100, StartAfter: "letters/b" },
      { Bucket, Key: "letters/a" },
    ]);
  });

  it("are undefined when missing, listed as empty, and unavailable when S3 does not answer", async () => {
    s3.on(GetObjectCommand).rejects(awsError("NoSuchKey"));
    s3.on(ListObjectsV2Command).resolvesOnce({}).rejects(awsError("SlowDown"));
    expect(await box.get("letters/a")).toBeUndefined();
    expect(await box.list("letters/", 1)).toEqual([]);
    await expect(box.list("letters/", 1)).rejects.toMatchObject({ code: "log.unavailable", retryable: true });
  });
});

describe("what an operator sends back to a queue", () => {
  const entries = () =>
    (inputsOf(sqs) as readonly { readonly QueueUrl: string; readonly Entries: readonly object[] }[]).flatMap(
      ({ QueueUrl, Entries }) => Entries.map((entry) => ({ QueueUrl, ...entry })),
    );

  it("is an event for the intake, or commits for the relay", async () => {
    const waysBack = createSqsWaysBack({ ...queues, ids: { next: () => "again-1" } });
    await waysBack.toIntake("event");
    await waysBack.toRelay([{ ...key, first: 4 }]);
    await waysBack.toRelay([]);
    expect(entries()).toEqual([
      {
        QueueUrl: "https://sqs/1/spine-intake",
        Id: "0",
        MessageBody: "event",
        MessageAttributes: { redrive: { DataType: "String", StringValue: "again-1" } },
      },
      {
        QueueUrl: "https://sqs/1/spine-relay-retries",
        Id: "0",
        MessageBody: '{"tenant":"acme","session":"s-1","first":4}',
      },
    ]);
  });

  it("is delivered even if an equal one was delivered minutes ago", async () => {
    let made = 0;
    const ids = { next: () => `id-${(made += 1)}` };
    const letter = {
      kind: "letter",
      source: "s",
      id: "m",
      hash: "h",
      correlation: "c",
      queue: "q",
      reason: "r",
    } as const;
    const answer = {
      ...key,
      task: parseTaskId("t"),
      attempt: 1,
      token: "x",
      outcome: { status: "ok", result: 1 },
    } as const;
    const inbox = createSqsInbox({ ...queues, ids, again: true });
    const answers = createSqsAnswerQueue({ ...queues, again: ids });
    for (const _ of [1, 2]) {
      await inbox.send({ key, input: letter });
      await answers.send(answer);
    }
    const used = entries().map((entry) =>
      "MessageDeduplicationId" in entry ? entry.MessageDeduplicationId : "",
    );
    expect(new Set(used).size).toBe(4);
  });
});

describe("commits since a time", () => {
  const scan = createDynamoCommitScan({ client: new DynamoDBClient({}), table: "log" });
  const text = (first: number, now: number) =>
    JSON.stringify({
      schemaVersion: 1,
      ...key,
      first,
      last: first,
      events: [{ sequence: first }],
      seen: { now },
    });
  const item = (first: number, text: string) =>
    commitItem(key, { first, last: first, text, snapshot: false });

  it("are found page by page, including unreadable ones", async () => {
    const LastEvaluatedKey = { pk: { S: "acme/s-1" }, sk: { N: "2" } };
    dynamo
      .on(ScanCommand)
      .resolvesOnce({ Items: [item(1, text(1, 99)), item(2, text(2, 100))], LastEvaluatedKey })
      .resolves({ Items: [item(3, "damaged")] });
    const first = await scan.since(100);
    expect(first.refs).toEqual([{ ...key, first: 2 }]);
    expect(await scan.since(100, first.after)).toEqual({ refs: [{ ...key, first: 3 }] });
    const common = {
      TableName: "log",
      ConsistentRead: true,
      FilterExpression: "#kind = :commit",
      ExpressionAttributeNames: { "#kind": "kind" },
      ExpressionAttributeValues: { ":commit": { S: "commit" } },
    };
    expect(inputsOf(dynamo)).toEqual([common, { ...common, ExclusiveStartKey: LastEvaluatedKey }]);
  });

  it("are unavailable when the table does not answer", async () => {
    dynamo.on(ScanCommand).rejects(awsError("ProvisionedThroughputExceededException"));
    await expect(scan.since(0)).rejects.toMatchObject({ code: "log.unavailable", retryable: true });
  });
});
