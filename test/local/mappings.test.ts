import {
  BatchWriteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectionTo } from "#local/connection-to.ts";
import type { LocalCloud } from "#local/cloud.ts";
import type { LogLine } from "#local/provision/site.ts";
import {
  allow,
  functionResources,
  getAtt,
  startCloud,
  temporaryFolder,
  writeAssembly,
  type Resources,
} from "./fixture/assembly.ts";

/** Prints what it was given, fails what it is told to fail, and tries to send where it has no right to. */
const CONSUMER = `
import { SendMessageCommand, SQSClient } from "${import.meta.resolve("@aws-sdk/client-sqs")}";
const sqs = new SQSClient({ maxAttempts: 1 });
export const handler = async ({ Records }) => {
  const failed = [];
  for (const { messageId, body, attributes, eventSourceARN } of Records) {
    console.log(JSON.stringify({ body, count: attributes.ApproximateReceiveCount, group: attributes.MessageGroupId, eventSourceARN }));
    if (body === "die" && attributes.ApproximateReceiveCount === "1") process.kill(process.pid, "SIGKILL");
    if (body === "bad") failed.push({ itemIdentifier: messageId });
    if (body === "trespass") {
      const refusal = await sqs.send(new SendMessageCommand({ QueueUrl: process.env.OTHER_URL, MessageBody: "mine" })).catch((error) => error);
      console.log(JSON.stringify({ body: refusal.$metadata.httpStatusCode + " " + refusal.message }));
    }
  }
  return { batchItemFailures: failed };
};`;
const FOLLOWER = `
export const handler = async ({ Records }) => {
  for (const { eventName, dynamodb } of Records) console.log(eventName + " " + dynamodb.Keys.pk.S + " " + JSON.stringify(dynamodb.NewImage ?? null));
};`;

const RESOURCES: Resources = {
  Queue: {
    Type: "AWS::SQS::Queue",
    Properties: {
      QueueName: "work.fifo",
      FifoQueue: true,
      DeduplicationScope: "messageGroup",
      FifoThroughputLimit: "perMessageGroupId",
      VisibilityTimeout: 2,
      RedrivePolicy: { deadLetterTargetArn: getAtt("Dead"), maxReceiveCount: "2" },
    },
  },
  Dead: { Type: "AWS::SQS::Queue", Properties: { QueueName: "dead.fifo", FifoQueue: true } },
  Other: { Type: "AWS::SQS::Queue", Properties: { QueueName: "other" } },
  Table: {
    Type: "AWS::DynamoDB::Table",
    Properties: {
      TableName: "log",
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      BillingMode: "PAY_PER_REQUEST",
      StreamSpecification: { StreamViewType: "NEW_IMAGE" },
    },
  },
  ...functionResources(
    "consumer",
    [allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], getAtt("Queue"))],
    {
      Timeout: 2,
      Environment: {
        Variables: {
          OTHER_URL: { "Fn::Sub": "https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/other" },
        },
      },
    },
  ),
  ...functionResources("follower", [
    allow(
      ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
      getAtt("Table", "StreamArn"),
    ),
    allow("dynamodb:ListStreams", "*"),
  ]),
  Mapping: {
    Type: "AWS::Lambda::EventSourceMapping",
    Properties: {
      EventSourceArn: getAtt("Queue"),
      FunctionName: { Ref: "consumer" },
      BatchSize: 10,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 2 },
    },
  },
  Stream: {
    Type: "AWS::Lambda::EventSourceMapping",
    Properties: {
      EventSourceArn: getAtt("Table", "StreamArn"),
      FunctionName: { Ref: "follower" },
      StartingPosition: "TRIM_HORIZON",
      BatchSize: 100,
    },
  },
};

describe("mappings of a template", () => {
  let cloud: LocalCloud;
  let sqs: SQSClient;
  let dynamo: DynamoDBClient;
  const lines: LogLine[] = [];

  beforeAll(async () => {
    const templateDir = writeAssembly(RESOURCES, { consumer: CONSUMER, follower: FOLLOWER });
    cloud = await startCloud({ templateDir, onLog: (line) => lines.push(line) });
    const connection = (service: string) => connectionTo(cloud.environment, service);
    sqs = new SQSClient(connection("SQS"));
    dynamo = new DynamoDBClient(connection("DYNAMODB"));
  });
  afterAll(() => {
    sqs.destroy();
    dynamo.destroy();
  });

  const urlOf = (queue: string) => `${cloud.environment["AWS_ENDPOINT_URL_SQS"]}/000000000000/${queue}`;
  const send = (group: string, body: string) =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl: urlOf("work.fifo"),
        MessageBody: body,
        MessageGroupId: group,
        MessageDeduplicationId: body,
      }),
    );
  const printed = (from: string) =>
    lines.filter((line) => line.from === from && line.kind === "output").map(({ text }) => text);
  const consumed = (group: string) =>
    printed("consumer")
      .map(
        (text) =>
          JSON.parse(text) as { readonly body: string; readonly count: string; readonly group?: string },
      )
      .filter((each) => each.group === group);

  it("deliver a queue's messages to the function, with their real attributes, and delete them", async () => {
    await send("a", "hello");
    await expect
      .poll(() => consumed("a"))
      .toMatchObject([
        {
          body: "hello",
          count: "1",
          group: "a",
          eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:work.fifo",
        },
      ]);
    await expect.poll(() => cloud.busy()).toBe(0);
    expect(cloud.counts()).toContainEqual(
      expect.objectContaining({
        service: "sqs",
        operation: "DeleteMessage",
        caller: "mapping:consumer",
        count: 1,
      }),
    );
  });

  it("return only failed messages, and move them to the dead-letter queue after their last receive", async () => {
    await send("b", "bad");
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: urlOf("dead.fifo"), WaitTimeSeconds: 20 }),
    );
    expect(Messages).toMatchObject([{ Body: "bad" }]);
    expect(consumed("b").map(({ count }) => count)).toEqual(["1", "2"]);
  });

  it("redeliver a message when the function's process crashed on it", async () => {
    await send("c", "die");
    await expect.poll(() => consumed("c").map(({ count }) => count), { timeout: 15_000 }).toEqual(["1", "2"]);
    expect(lines.filter(({ kind }) => kind === "trouble").map(({ text }) => text)).toContainEqual(
      expect.stringContaining("Runtime exited with signal SIGKILL"),
    );
  });

  it("deny functions what their role does not allow", async () => {
    await send("d", "trespass");
    const message =
      "403 User: arn:aws:iam::000000000000:role/Test-consumerRole is not authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:us-east-1:000000000000:other because no identity-based policy allows the sqs:SendMessage action";
    await expect
      .poll(() => printed("consumer"), { timeout: 15_000 })
      .toContain(JSON.stringify({ body: message }));
    expect(lines.filter(({ kind }) => kind === "trouble").map(({ text }) => text)).toContainEqual(
      expect.stringContaining("is not authorized to perform: sqs:SendMessage"),
    );
  });

  it("deliver a table's changes to the function, whatever operation made them", async () => {
    const key = { pk: { S: "k" } };
    const changes = () => printed("follower").filter((text) => text.includes(" k "));
    await dynamo.send(new PutItemCommand({ TableName: "log", Item: { ...key, n: { N: "1" } } }));
    await dynamo.send(
      new UpdateItemCommand({
        TableName: "log",
        Key: key,
        UpdateExpression: "ADD n :one",
        ExpressionAttributeValues: { ":one": { N: "1" } },
      }),
    );
    await dynamo.send(
      new BatchWriteItemCommand({ RequestItems: { log: [{ DeleteRequest: { Key: key } }] } }),
    );
    await expect
      .poll(changes)
      .toEqual([
        'INSERT k {"pk":{"S":"k"},"n":{"N":"1"}}',
        'MODIFY k {"pk":{"S":"k"},"n":{"N":"2"}}',
        "REMOVE k null",
      ]);
  });
});

describe("a table in a data folder", () => {
  it("replays its stream in order at the next start", async () => {
    const templateDir = writeAssembly(RESOURCES, { consumer: CONSUMER, follower: FOLLOWER });
    const dataDir = temporaryFolder();
    const followed: string[] = [];
    const start = () =>
      startCloud({
        templateDir,
        dataDir,
        onLog: ({ from, kind, text }) =>
          void (from === "follower" && kind === "output" && followed.push(text)),
      });
    const first = await start();
    const client = new DynamoDBClient(connectionTo(first.environment, "DYNAMODB"));
    await client.send(new PutItemCommand({ TableName: "log", Item: { pk: { S: "k" } } }));
    client.destroy();
    await expect.poll(() => followed).toEqual(['INSERT k {"pk":{"S":"k"}}']);
    await first.stop();
    followed.length = 0;
    await start();
    await expect.poll(() => followed).toEqual(['INSERT k {"pk":{"S":"k"}}']);
  });
});
