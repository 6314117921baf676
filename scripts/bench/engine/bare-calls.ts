/** A process of its own that asks what an answer at the door asks, and nothing else: prints the CPU of each call for each round, ms. */
import { randomUUID } from "node:crypto";
import { DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { connectionTo } from "#local/connection-to.ts";

const [, , table = "", queueUrl = "", rounds = "0"] = process.argv;
// The SDK as it comes.
const dynamo = new DynamoDBClient(connectionTo(process.env, "DYNAMODB"));
const sqs = new SQSClient(connectionTo(process.env, "SQS"));
/** About what a commit of five agents takes, compressed, and a task with its view. */
const COMMIT = new Uint8Array(2_000).fill(7);
const TASK = "x".repeat(4_000);
/** Not until the measurement is over. */
const DELAY_SECONDS = 900;

async function cpuOf(call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

for (let round = 0; round < Number(rounds); round += 1) {
  const session = `bare/${randomUUID()}`;
  const query = await cpuOf(() =>
    dynamo.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: "pk = :session",
        ExpressionAttributeValues: { ":session": { S: session } },
      }),
    ),
  );
  const put = await cpuOf(() =>
    dynamo.send(
      new PutItemCommand({
        TableName: table,
        Item: { pk: { S: session }, sk: { N: "1" }, text: { B: COMMIT } },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    ),
  );
  const send = await cpuOf(() =>
    sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: TASK, DelaySeconds: DELAY_SECONDS })),
  );
  console.log(JSON.stringify({ query, put, send }));
}
