import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalCloud } from "#local/cloud.ts";
import { connectionTo } from "#local/connection-to.ts";
import type { Quotas } from "#local/throttling/quotas.ts";
import {
  functionResources,
  getAtt,
  openTo,
  startCloud,
  writeAssembly,
  type Resources,
} from "./fixture/assembly.ts";
import { STORES } from "./fixture/stores.ts";

const MB = 1_048_576;
const MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:waiting";
const ECHO = `export const handler = async (event) => event.bytes === undefined ? null : "x".repeat(event.bytes);`;
const RESOURCES: Resources = {
  ...STORES,
  Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "work" } },
  Bus: { Type: "AWS::Events::EventBus", Properties: { Name: "in" } },
  MachineRole: {
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          { Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "states.amazonaws.com" } },
        ],
      },
    },
  },
  Machine: {
    Type: "AWS::StepFunctions::StateMachine",
    Properties: {
      StateMachineName: "waiting",
      RoleArn: getAtt("MachineRole"),
      Definition: { StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: 3_600, End: true } } },
    },
  },
  ...functionResources("echo", []),
  ...openTo("echo"),
  Url: {
    Type: "AWS::Lambda::Url",
    Properties: { TargetFunctionArn: getAtt("echo"), AuthType: "NONE", InvokeMode: "BUFFERED" },
  },
};

const connection = (cloud: LocalCloud, service: string, maxAttempts = 1) => ({
  ...connectionTo(cloud.environment, service),
  maxAttempts,
});
const start = (quotas: Partial<Quotas> = {}) =>
  startCloud({ templateDir: writeAssembly(RESOURCES, { echo: ECHO }), throttling: { quotas } });
const item = (sk: number, bytes = 1, pk = "t/s") => ({
  pk: { S: pk },
  sk: { N: String(sk) },
  text: { S: "x".repeat(bytes) },
});

describe("the limits of AWS, on the local endpoints", () => {
  let cloud: LocalCloud;
  let dynamo: DynamoDBClient;
  let sqs: SQSClient;
  let s3: S3Client;
  let events: EventBridgeClient;
  let lambda: LambdaClient;
  beforeAll(async () => {
    cloud = await start();
    dynamo = new DynamoDBClient(connection(cloud, "DYNAMODB"));
    sqs = new SQSClient(connection(cloud, "SQS"));
    s3 = new S3Client(connection(cloud, "S3"));
    events = new EventBridgeClient(connection(cloud, "EVENTBRIDGE"));
    lambda = new LambdaClient(connection(cloud, "LAMBDA"));
  });
  afterAll(() => [dynamo, sqs, s3, events, lambda].forEach((client) => client.destroy()));

  const put = (Item: ReturnType<typeof item>) => dynamo.send(new PutItemCommand({ TableName: "log", Item }));
  const query = (KeyConditionExpression: string, more = {}) =>
    dynamo.send(
      new QueryCommand({
        TableName: "log",
        KeyConditionExpression,
        ExpressionAttributeValues: { ":p": { S: "t/s" } },
        ...more,
      }),
    );
  const validation = { name: "ValidationException" };

  it("reject an item over 400 KB", async () => {
    await put(item(1, 400 * 1_024 - 100));
    await expect(put(item(2, 400 * 1_024))).rejects.toMatchObject(validation);
  });

  it("reject keys over 2,048 and 1,024 bytes", async () => {
    await expect(put(item(1, 1, "x".repeat(2_049)))).rejects.toMatchObject(validation);
  });

  it("reject batches of more than 25 writes or 100 reads, and an item named twice", async () => {
    const write = (sks: readonly number[]) =>
      dynamo.send(
        new BatchWriteItemCommand({
          RequestItems: { log: sks.map((sk) => ({ PutRequest: { Item: item(sk) } })) },
        }),
      );
    const read = (count: number) => {
      const Keys = Array.from({ length: count }, (_, at) => ({ pk: { S: "t/s" }, sk: { N: String(at) } }));
      return dynamo.send(new BatchGetItemCommand({ RequestItems: { log: { Keys } } }));
    };
    const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);
    await write(numbers(25));
    await expect(write(numbers(26))).rejects.toMatchObject(validation);
    await expect(write([1, 1])).rejects.toMatchObject(validation);
    await read(100);
    await expect(read(101)).rejects.toMatchObject(validation);
  });

  it("reject expressions over 4 KB, of more than 300 operators, and placeholders over 255 bytes", async () => {
    const filter = (FilterExpression: string) => query("pk = :p", { FilterExpression });
    await expect(filter(`attribute_exists(${"x".repeat(4_096)})`)).rejects.toMatchObject(validation);
    await expect(
      filter(Array.from({ length: 200 }, () => "NOT (a = :p)").join(" OR ")),
    ).rejects.toMatchObject(validation);
    const long = `#${"x".repeat(255)}`;
    await expect(query(`${long} = :p`, { ExpressionAttributeNames: { [long]: "pk" } })).rejects.toMatchObject(
      validation,
    );
  });

  it("check only the rights of transactions, and say so", async () => {
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [{ Put: { TableName: "log", Item: item(1) } }],
    });
    await expect(dynamo.send(transaction)).rejects.toMatchObject({ name: "UnknownOperationException" });
  });

  it("reject a message over 1 MiB, a batch over it or of eleven, and a wait over 20 s", async () => {
    const QueueUrl = `${cloud.environment["AWS_ENDPOINT_URL_SQS"]}/000000000000/work`;
    const batch = (count: number, bytes: number) =>
      sqs.send(
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: Array.from({ length: count }, (_, at) => ({
            Id: String(at),
            MessageBody: "x".repeat(bytes),
          })),
        }),
      );
    await expect(
      sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x".repeat(MB + 1) })),
    ).rejects.toThrow(/1048576/);
    await expect(batch(2, MB / 2 + 1)).rejects.toMatchObject({ name: "BatchRequestTooLong" });
    await expect(batch(11, 1)).rejects.toMatchObject({ name: "TooManyEntriesInBatchRequest" });
    await expect(sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 21 }))).rejects.toThrow(
      /20/,
    );
  });

  it("reject eleven events, more than 1 MB of them, and names that are too long", async () => {
    const putEvents = (count: number, more = {}) =>
      events.send(
        new PutEventsCommand({
          Entries: Array.from({ length: count }, () => ({
            EventBusName: "in",
            Source: "shop",
            DetailType: "Ordered",
            Detail: "{}",
            ...more,
          })),
        }),
      );
    await putEvents(10);
    await expect(putEvents(11)).rejects.toMatchObject(validation);
    await expect(putEvents(2, { Detail: JSON.stringify("x".repeat(MB / 2)) })).rejects.toMatchObject(
      validation,
    );
    await expect(putEvents(1, { DetailType: "x".repeat(129) })).rejects.toMatchObject(validation);
    await expect(putEvents(1, { Source: "x".repeat(257) })).rejects.toMatchObject(validation);
  });

  it("reject object keys over 1,024 bytes and metadata over 2 KB", async () => {
    const object = (Key: string, Metadata = {}) =>
      s3.send(new PutObjectCommand({ Bucket: "blobs", Key, Body: "x", Metadata }));
    await object("ü".repeat(512));
    await expect(object("ü".repeat(513))).rejects.toMatchObject({ name: "KeyTooLongError" });
    await expect(object("k", { note: "x".repeat(2_048) })).rejects.toMatchObject({
      name: "MetadataTooLarge",
    });
  });

  it("reject an event whose source is AWS's own, and set no source themselves", async () => {
    const Entries = [{ EventBusName: "in", Source: "aws.ec2", DetailType: "Ordered", Detail: "{}" }];
    const answer = await events.send(new PutEventsCommand({ Entries }));
    expect(answer.Entries).toMatchObject([{ ErrorCode: "NotAuthorizedForSourceException" }]);
    const unnamed = [{ EventBusName: "in", Source: "", DetailType: "Ordered", Detail: "{}" }];
    expect((await events.send(new PutEventsCommand({ Entries: unnamed }))).FailedEntryCount).toBe(1);
  });

  it("reject an execution whose input is over 256 KiB", async () => {
    const states = new SFNClient(connection(cloud, "SFN"));
    const starting = (bytes: number) =>
      states.send(
        new StartExecutionCommand({
          stateMachineArn: MACHINE,
          name: `of-${bytes}`,
          input: JSON.stringify("x".repeat(bytes - 2)),
        }),
      );
    await starting(262_144);
    await expect(starting(262_145)).rejects.toMatchObject({ name: "InvalidExecutionInput" });
    states.destroy();
  });

  it("reject a payload over 6 MB, into a function and out of it, by invoke and by URL", async () => {
    const invoke = (payload: object) =>
      lambda.send(new InvokeCommand({ FunctionName: "echo", Payload: JSON.stringify(payload) }));
    await expect(invoke({ more: "x".repeat(6 * MB) })).rejects.toMatchObject({
      name: "RequestTooLargeException",
    });
    const { FunctionError, Payload } = await invoke({ bytes: 6 * MB });
    expect([FunctionError, Payload?.transformToString()]).toEqual([
      "Unhandled",
      expect.stringContaining("Function.ResponseSizeTooLarge"),
    ]);
    const url = cloud.functionUrls.get("echo") ?? "";
    expect((await fetch(url, { method: "POST", body: "x".repeat(6 * MB) })).status).toBe(413);
  });
});

describe("an account with low quotas", () => {
  it("answers too many concurrent invocations with 429", async () => {
    const cloud = await start({ concurrency: 0 });
    const lambda = new LambdaClient(connection(cloud, "LAMBDA"));
    await expect(lambda.send(new InvokeCommand({ FunctionName: "echo" }))).rejects.toMatchObject({
      name: "TooManyRequestsException",
      Reason: "ConcurrentInvocationLimitExceeded",
    });
    expect((await fetch(cloud.functionUrls.get("echo") ?? "")).status).toBe(429);
    lambda.destroy();
  });

  it("starts no more executions than its bucket holds, and keeps no more of them open than allowed", async () => {
    const execute = async (quotas: Partial<Quotas>, name: string) => {
      const cloud = await start(quotas);
      const states = new SFNClient(connection(cloud, "SFN"));
      const starting = (number: number) =>
        states.send(
          new StartExecutionCommand({ stateMachineArn: MACHINE, name: `${name}-${number}`, input: "{}" }),
        );
      await starting(1);
      await expect(starting(2)).rejects.toMatchObject({ name });
      states.destroy();
    };
    await execute({ startBurst: 1, startsPerSecond: 0.001 }, "ThrottlingException");
    await execute({ openExecutions: 1 }, "ExecutionLimitExceeded");
  });

  it("accepts no more PutEvents requests than its quota", async () => {
    const cloud = await start({ putEventsPerSecond: 0.001 });
    const events = new EventBridgeClient(connection(cloud, "EVENTBRIDGE"));
    const Entries = [{ EventBusName: "in", Source: "shop", DetailType: "Ordered", Detail: "{}" }];
    await events.send(new PutEventsCommand({ Entries }));
    await expect(events.send(new PutEventsCommand({ Entries }))).rejects.toMatchObject({
      name: "ThrottlingException",
    });
    events.destroy();
  });

  it("throttles a partition key, returns the unprocessed part of a batch, and the SDK succeeds by retrying", async () => {
    const cloud = await start({ partitionWrites: 10 });
    const once = new DynamoDBClient(connection(cloud, "DYNAMODB"));
    const patient = new DynamoDBClient(connection(cloud, "DYNAMODB", 6));
    const put = (sk: number) => new PutItemCommand({ TableName: "log", Item: item(sk, 8_000) });
    await once.send(put(1));
    await expect(once.send(put(2))).rejects.toMatchObject({
      name: "ThrottlingException",
      throttlingReasons: [{ reason: "TableWriteKeyRangeThroughputExceeded" }],
    });
    await patient.send(put(2));
    const requests = Array.from({ length: 20 }, (_, at) => ({
      PutRequest: { Item: item(10 + at, 500, "t/other") },
    }));
    const { UnprocessedItems } = await once.send(
      new BatchWriteItemCommand({ RequestItems: { log: requests } }),
    );
    expect(UnprocessedItems?.["log"]?.length).toBeGreaterThanOrEqual(9);
    expect(cloud.throttled()["dynamodb write units"]).toBeGreaterThan(1);
    once.destroy();
    patient.destroy();
  });
});
