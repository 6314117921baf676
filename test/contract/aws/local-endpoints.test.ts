import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamoSessionLog } from "#aws/dynamo/dynamo-session-log.ts";
import { createS3Blobs } from "#aws/s3/s3-blobs.ts";
import { createS3ExpiringBlobs } from "#aws/s3/s3-expiring-blobs.ts";
import { createS3LetterBox } from "#aws/s3/s3-letter-box.ts";
import { parseSessionKey } from "#core/ids.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { connectionTo } from "#local/connection-to.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { describeBlobs, describeExpiringBlobs } from "../blobs.ts";
import { describeLetterBox } from "../letter-box.ts";
import { describeSessionLog } from "../session-log.ts";
import { startCloud, writeAssembly } from "../../local/fixture/assembly.ts";
import { STORES } from "../../local/fixture/stores.ts";

describe("adapters on the local runtime's endpoints", () => {
  let cloud: LocalCloud;
  let dynamo: DynamoDBClient;
  let s3: S3Client;

  beforeAll(async () => {
    cloud = await startCloud({
      templateDir: writeAssembly(STORES),
    });
    const connection = (service: string) => ({ ...connectionTo(cloud.environment, service), maxAttempts: 1 });
    dynamo = new DynamoDBClient(connection("DYNAMODB"));
    s3 = new S3Client(connection("S3"));
  });
  afterAll(() => {
    dynamo.destroy();
    s3.destroy();
  });

  const blobs = createMemoryBlobs();
  const makeLog = () =>
    createDynamoSessionLog({ client: dynamo, table: "log", digest: createNodeDigest(), blobs });
  describeSessionLog("DynamoDB with a stream, local", () => Promise.resolve(makeLog()));
  describeBlobs(
    "S3, local",
    () => Promise.resolve(createS3Blobs({ client: s3, bucket: "blobs" })),
    async (link) => (await fetch(link)).text(),
  );

  describeExpiringBlobs("S3, local", () =>
    Promise.resolve(createS3ExpiringBlobs({ client: s3, bucket: "blobs" })),
  );

  describeLetterBox("S3, local", () => Promise.resolve(createS3LetterBox({ client: s3, bucket: "blobs" })));

  it("let one of many writers of a commit win, while its stream is kept in order", async () => {
    const log = makeLog();
    const key = parseSessionKey({ tenant: "t", session: "raced" });
    const racers = Array.from({ length: 20 }, (_, at) =>
      log.append(key, { first: 1, last: 1, text: `writer ${at}`, snapshot: false }),
    );
    const outcomes = await Promise.all(racers);
    const won = outcomes.filter((outcome) => outcome !== "conflict");
    expect(won).toHaveLength(1);
    expect(await log.readTail(key)).toEqual(won);
  });

  it("reject every call that the local runtime does not emulate", async () => {
    await expect(dynamo.send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
  });
});
