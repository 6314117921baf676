import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  type GetSecretValueCommandInput,
  type PutSecretValueCommandInput,
} from "@aws-sdk/client-secrets-manager";
import {
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectionTo } from "#local/connection-to.ts";
import type { LocalCloud } from "#local/cloud.ts";
import type { LogLine } from "#local/provision/site.ts";
import { countsSince } from "#local/request-counts.ts";
import { getAtt, startCloud, temporaryFolder, writeAssembly, type Resources } from "./fixture/assembly.ts";
import { STORES } from "./fixture/stores.ts";

const QUEUES: Resources = {
  Queue: {
    Type: "AWS::SQS::Queue",
    Properties: {
      QueueName: "work",
      RedrivePolicy: { deadLetterTargetArn: getAtt("Dead"), maxReceiveCount: 1 },
    },
  },
  Dead: { Type: "AWS::SQS::Queue", Properties: { QueueName: "work-dead" } },
  Intake: { Type: "AWS::SQS::Queue", Properties: { QueueName: "intake" } },
  IntakePolicy: {
    Type: "AWS::SQS::QueuePolicy",
    Properties: {
      Queues: [{ Ref: "Intake" }],
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "sqs:SendMessage",
            Resource: getAtt("Intake"),
            Principal: { Service: "events.amazonaws.com" },
            Condition: { ArnEquals: { "aws:SourceArn": getAtt("Rule") } },
          },
        ],
      },
    },
  },
  Bus: { Type: "AWS::Events::EventBus", Properties: { Name: "in" } },
  Closed: { Type: "AWS::Events::EventBus", Properties: { Name: "closed" } },
  ClosedPolicy: {
    Type: "AWS::Events::EventBusPolicy",
    Properties: {
      EventBusName: { Ref: "Closed" },
      StatementId: "nobody",
      Statement: { Effect: "Deny", Principal: "*", Action: "events:PutEvents", Resource: getAtt("Closed") },
    },
  },
  Rule: {
    Type: "AWS::Events::Rule",
    Properties: {
      EventBusName: { Ref: "Bus" },
      EventPattern: { source: [{ prefix: "shop" }], detail: { amount: [{ numeric: [">", 10] }] } },
      Targets: [{ Id: "Target0", Arn: getAtt("Intake") }],
    },
  },
};

const connection = (cloud: LocalCloud, service: string) => ({
  ...connectionTo(cloud.environment, service),
  maxAttempts: 1,
});

describe("endpoints, through the SDK's clients", () => {
  let cloud: LocalCloud;
  let sqs: SQSClient;
  let dynamo: DynamoDBClient;
  let s3: S3Client;
  const lines: LogLine[] = [];
  const urlOf = (queue: string) => `${cloud.environment["AWS_ENDPOINT_URL_SQS"]}/000000000000/${queue}`;

  beforeAll(async () => {
    const resources = { ...STORES, ...QUEUES };
    cloud = await startCloud({ templateDir: writeAssembly(resources), onLog: (line) => lines.push(line) });
    sqs = new SQSClient(connection(cloud, "SQS"));
    dynamo = new DynamoDBClient(connection(cloud, "DYNAMODB"));
    s3 = new S3Client(connection(cloud, "S3"));
  });
  afterAll(() => {
    for (const client of [sqs, dynamo, s3]) client.destroy();
  });

  it("SQS: a long poll ends when a message arrives", async () => {
    const QueueUrl = urlOf("intake");
    const polling = sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MessageAttributeNames: ["All"] }),
    );
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: "grüße",
        MessageAttributes: {
          trace: { DataType: "String", StringValue: "00-1" },
          blob: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2, 255]) },
        },
      }),
    );
    const [message] = (await polling).Messages ?? [];
    // The client itself has checked the MD5 of the body.
    expect(message).toMatchObject({ Body: "grüße", MessageAttributes: { trace: { StringValue: "00-1" } } });
    expect([...(message?.MessageAttributes?.["blob"]?.BinaryValue ?? [])]).toEqual([1, 2, 255]);
    await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [{ Id: "a", ReceiptHandle: message?.ReceiptHandle }],
      }),
    );
  });

  it("SQS: a batch's entries succeed and fail separately", async () => {
    const { Successful, Failed } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: urlOf("intake"),
        Entries: [
          { Id: "good", MessageBody: "x" },
          { Id: "late", MessageBody: "x", DelaySeconds: 901 },
        ],
      }),
    );
    expect(Successful?.map(({ Id }) => Id)).toEqual(["good"]);
    expect(Failed).toMatchObject([{ Id: "late", Code: "InvalidParameterValue", SenderFault: true }]);
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: urlOf("intake") }));
    expect(Messages.map(({ Body }) => Body)).toEqual(["x"]);
    await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: urlOf("intake"),
        Entries: Messages.map(({ ReceiptHandle }) => ({ Id: "a", ReceiptHandle })),
      }),
    );
  });

  it("SQS: errors have the client's own classes", async () => {
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: "nowhere" }))).rejects.toMatchObject({
      name: "QueueDoesNotExist",
      Code: "AWS.SimpleQueueService.NonExistentQueue",
    });
    const empty = new SendMessageBatchCommand({ QueueUrl: urlOf("intake"), Entries: [] });
    await expect(sqs.send(empty)).rejects.toMatchObject({ name: "EmptyBatchRequest" });
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: "work" }))).QueueUrl).toBe(urlOf("work"));
  });

  it("SQS: dead letters move back to their source", async () => {
    const QueueUrl = urlOf("work");
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "poison" }));
    // Received once and shown again at once; the next receive gives it up.
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toBeUndefined();
    await sqs.send(
      new StartMessageMoveTaskCommand({ SourceArn: "arn:aws:sqs:us-east-1:000000000000:work-dead" }),
    );
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    expect(Messages).toMatchObject([{ Body: "poison" }]);
  });

  it("DynamoDB: one conditional put wins, and is read back", async () => {
    const put = (text: string) =>
      dynamo.send(
        new PutItemCommand({
          TableName: "log",
          Item: { pk: { S: "t/s" }, sk: { N: "1" }, text: { S: text } },
          ConditionExpression: "attribute_not_exists(pk)",
        }),
      );
    await put("first");
    await expect(put("second")).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    const { Item } = await dynamo.send(
      new GetItemCommand({
        TableName: "log",
        Key: { pk: { S: "t/s" }, sk: { N: "1" } },
        ConsistentRead: true,
      }),
    );
    expect(Item?.["text"]).toEqual({ S: "first" });
  });

  it("S3: objects come back with their checksum, by a presigned link too, until they are deleted", async () => {
    const object = { Bucket: "blobs", Key: "a b/ü.json" };
    await s3.send(new PutObjectCommand({ ...object, Body: '{"x":1}', ContentType: "application/json" }));
    const got = await s3.send(new GetObjectCommand(object));
    expect(got.ContentType).toBe("application/json");
    expect(await got.Body?.transformToString()).toBe('{"x":1}');
    expect((await s3.send(new HeadObjectCommand(object))).ContentLength).toBe(7);
    const link = await getSignedUrl(s3, new GetObjectCommand(object), { expiresIn: 60 });
    expect(await (await fetch(link)).text()).toBe('{"x":1}');
    const old = await getSignedUrl(s3, new GetObjectCommand(object), {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 120_000),
    });
    expect((await fetch(old)).status).toBe(403);
    await s3.send(new DeleteObjectCommand(object));
    await expect(s3.send(new GetObjectCommand(object))).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  it("S3: an upload that does not match its checksum is rejected", async () => {
    const damaged = new PutObjectCommand({ Bucket: "blobs", Key: "x", Body: "x", ChecksumCRC32: "AAAAAA==" });
    await expect(s3.send(damaged)).rejects.toMatchObject({ name: "BadDigest" });
  });

  it("Secrets Manager: a generated secret has its length and does not change", async () => {
    const client = new SecretsManagerClient(connection(cloud, "SECRETS_MANAGER"));
    const read = async () =>
      (await client.send(new GetSecretValueCommand({ SecretId: "token" }))).SecretString;
    expect(await read()).toHaveLength(40);
    expect(await read()).toBe(await read());
    await expect(client.send(new GetSecretValueCommand({ SecretId: "other" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    client.destroy();
  });

  describe("Secrets Manager keeps versions", () => {
    let client: SecretsManagerClient;
    beforeAll(() => {
      client = new SecretsManagerClient(connection(cloud, "SECRETS_MANAGER"));
    });
    afterAll(() => client.destroy());
    const get = (more: Partial<GetSecretValueCommandInput> = {}) =>
      client.send(new GetSecretValueCommand({ SecretId: "token", ...more }));
    const put = (SecretString: string, more: Partial<PutSecretValueCommandInput> = {}) =>
      client.send(new PutSecretValueCommand({ SecretId: "token", SecretString, ...more }));

    it("each with its id and its stages, which move to the next one", async () => {
      const first = await get();
      expect(first.VersionStages).toEqual(["AWSCURRENT"]);
      await expect(get({ VersionStage: "AWSPREVIOUS" })).rejects.toMatchObject({
        name: "ResourceNotFoundException",
      });
      const second = await put("second");
      const third = await put("third");
      expect(await get()).toMatchObject({ SecretString: "third", VersionId: third.VersionId });
      const previous = await get({ VersionStage: "AWSPREVIOUS" });
      expect(previous).toMatchObject({ SecretString: "second", VersionId: second.VersionId });
      const deprecated = await get({ VersionId: first.VersionId });
      expect(deprecated.SecretString).toBe(first.SecretString);
      expect(deprecated.VersionStages ?? []).toEqual([]);
    });

    it("creating one version for a put repeated under its token, and rejecting another value under it", async () => {
      const ClientRequestToken = "a-token-of-thirty-two-characters";
      const made = await put("again", { ClientRequestToken });
      expect(made.VersionId).toBe(ClientRequestToken);
      expect((await put("again", { ClientRequestToken })).VersionId).toBe(ClientRequestToken);
      await expect(put("other", { ClientRequestToken })).rejects.toMatchObject({
        name: "ResourceExistsException",
      });
    });

    it("leaving the current version in place while another is pending", async () => {
      const before = await get();
      const pending = await put("pending", { VersionStages: ["AWSPENDING"] });
      expect((await get()).VersionId).toBe(before.VersionId);
      expect((await get({ VersionStage: "AWSPENDING" })).VersionId).toBe(pending.VersionId);
      await expect(get({ VersionId: pending.VersionId, VersionStage: "AWSCURRENT" })).rejects.toMatchObject({
        name: "InvalidRequestException",
      });
    });

    it.each([
      ["an id that no version has", () => get({ VersionId: "v".repeat(32) }), "ResourceNotFoundException"],
      ["an id that none can have", () => get({ VersionId: "v1" }), "InvalidParameterException"],
      ["a token that is too short", () => put("x", { ClientRequestToken: "t" }), "InvalidParameterException"],
      ["no stage at all", () => put("x", { VersionStages: [] }), "InvalidParameterException"],
      ["64 KiB and more", () => put("x".repeat(65_537)), "InvalidParameterException"],
    ])("%s is rejected", async (_what, ask, name) => {
      await expect(ask()).rejects.toMatchObject({ name });
    });
  });

  describe("EventBridge", () => {
    let events: EventBridgeClient;
    beforeAll(() => {
      events = new EventBridgeClient(connection(cloud, "EVENTBRIDGE"));
    });
    afterAll(() => events.destroy());
    const entry = (detail: object, more: object = {}) => ({
      EventBusName: "in",
      Source: "shop.web",
      DetailType: "Ordered",
      Detail: JSON.stringify(detail),
      ...more,
    });

    it("hands matching events to a rule's queue", async () => {
      const before = cloud.counts();
      const { FailedEntryCount, Entries } = await events.send(
        new PutEventsCommand({ Entries: [entry({ amount: 5 }), entry({ amount: 50 })] }),
      );
      expect(FailedEntryCount).toBe(0);
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: urlOf("intake"), WaitTimeSeconds: 5, MaxNumberOfMessages: 10 }),
      );
      expect(Messages).toHaveLength(1);
      expect(JSON.parse(Messages[0]?.Body ?? "")).toMatchObject({
        id: Entries?.[1]?.EventId,
        source: "shop.web",
        "detail-type": "Ordered",
        account: "000000000000",
        detail: { amount: 50 },
      });
      const counted = countsSince(before, cloud.counts());
      expect(counted).toContainEqual(
        expect.objectContaining({ operation: "PutEvents", caller: "local", count: 1 }),
      );
      expect(counted).toContainEqual(expect.objectContaining({ operation: "SendMessage", count: 1 }));
    });

    it("rejects entries one by one", async () => {
      const { FailedEntryCount, Entries } = await events.send(
        new PutEventsCommand({ Entries: [entry({}), entry({}, { Detail: "no json" })] }),
      );
      expect(FailedEntryCount).toBe(1);
      expect(Entries?.[1]).toMatchObject({ ErrorCode: "MalformedDetail" });
    });

    it("reports that a missing bus discards events", async () => {
      await events.send(new PutEventsCommand({ Entries: [entry({}, { EventBusName: "nowhere" })] }));
      expect(lines.map(({ text }) => text)).toContainEqual(expect.stringContaining("nowhere"));
    });

    it("enforces the policy of the bus", async () => {
      const closed = new PutEventsCommand({ Entries: [entry({}, { EventBusName: "closed" })] });
      await expect(events.send(closed)).rejects.toMatchObject({
        name: "AccessDeniedException",
        message: expect.stringContaining("explicit deny in a resource-based policy") as string,
      });
    });
  });

  it("an unknown access key is rejected", async () => {
    const stranger = new SQSClient({
      ...connection(cloud, "SQS"),
      credentials: { accessKeyId: "stranger", secretAccessKey: "x" },
    });
    const send = new SendMessageCommand({ QueueUrl: urlOf("work"), MessageBody: "x" });
    await expect(stranger.send(send)).rejects.toThrow(/security token/);
    stranger.destroy();
  });
});

describe("data", () => {
  it("outlives a cloud with a data folder, including secrets", async () => {
    const templateDir = writeAssembly(STORES);
    const dataDir = temporaryFolder();
    const key = { pk: { S: "t/s" }, sk: { N: "1" } };
    const first = await startCloud({ templateDir, dataDir });
    const write = async (cloud: LocalCloud) => {
      await new DynamoDBClient(connection(cloud, "DYNAMODB")).send(
        new PutItemCommand({ TableName: "log", Item: { ...key, text: { S: "kept" } } }),
      );
      const put = new PutObjectCommand({ Bucket: "blobs", Key: "k", Body: "kept" });
      await new S3Client(connection(cloud, "S3")).send(put);
    };
    const secret = async (cloud: LocalCloud) =>
      (
        await new SecretsManagerClient(connection(cloud, "SECRETS_MANAGER")).send(
          new GetSecretValueCommand({ SecretId: "token" }),
        )
      ).SecretString;
    await write(first);
    const token = await secret(first);
    await first.stop();

    const second = await startCloud({ templateDir, dataDir });
    const { Item } = await new DynamoDBClient(connection(second, "DYNAMODB")).send(
      new GetItemCommand({ TableName: "log", Key: key }),
    );
    expect(Item?.["text"]).toEqual({ S: "kept" });
    const { Body } = await new S3Client(connection(second, "S3")).send(
      new GetObjectCommand({ Bucket: "blobs", Key: "k" }),
    );
    expect(await Body?.transformToString()).toBe("kept");
    expect(await secret(second)).toBe(token);
  });
});
