import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { beforeEach, describe, expect, it } from "vitest";
import { createDynamoAgentHealth } from "#aws/dynamo/dynamo-agent-health.ts";
import { createDynamoAgentRecords } from "#aws/dynamo/dynamo-agent-records.ts";
import { createSqsDepths } from "#aws/sqs/sqs-depths.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";
import { startLocalTable } from "./local-table.ts";

const sqs = mockedClient(SQSClient);
const NOW = 1_800_000_000_000;

beforeEach(() => {
  sqs.reset();
});

describe("depths of queues on SQS", () => {
  const depths = () =>
    createSqsDepths({
      client: new SQSClient({}),
      queuePrefix: "https://sqs.eu-west-1.amazonaws.com/111122223333/spine-",
      agents: ["reply"],
    });

  it("are those of each queue and its dead letters, without queues that do not exist", async () => {
    sqs
      .on(GetQueueAttributesCommand)
      .resolves({
        Attributes: { ApproximateNumberOfMessages: "3", ApproximateNumberOfMessagesNotVisible: "2" },
      })
      .on(GetQueueAttributesCommand, {
        QueueUrl: "https://sqs.eu-west-1.amazonaws.com/111122223333/spine-agent-reply-express.fifo",
      })
      .rejects(awsError("QueueDoesNotExist"));
    const measured = await depths().measure();
    expect(measured.map(({ name }) => name)).toEqual([
      "inbox.fifo",
      "answers.fifo",
      "deadlines",
      "intake",
      "relay-retries",
      "agent-reply.fifo",
    ]);
    expect(measured.at(-1)).toEqual({
      name: "agent-reply.fifo",
      agent: "reply",
      visible: 3,
      inFlight: 2,
      deadLetters: 5,
    });
    expect(inputsOf(sqs)).toContainEqual({
      QueueUrl: "https://sqs.eu-west-1.amazonaws.com/111122223333/spine-agent-reply-dead.fifo",
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    });
  });

  it("are an error that may be tried again where SQS does not answer", async () => {
    sqs.on(GetQueueAttributesCommand).rejects(awsError("AccessDenied"));
    await expect(depths().measure()).rejects.toMatchObject({ code: "log.unavailable", retryable: true });
  });
});

describe("records of agents on DynamoDB", () => {
  it("sum what was counted lately, and tell which breaker is open or may close", async () => {
    const { stop, ...table } = await startLocalTable();
    const clock = createMovableClock(NOW);
    const health = createDynamoAgentHealth({ ...table, clock, shard: 1 });
    const records = createDynamoAgentRecords({ ...table, clock });
    const report = async (agent: string, outcome: "ok" | "failed", times: number) => {
      for (let at = 0; at < times; at += 1) health.report(agent, outcome);
      await health.flush();
    };
    await report("reply", "ok", 8);
    await report("documents", "failed", 12);
    const agents = ["reply", "documents", "idle"];
    expect(await records.lately(agents)).toEqual([
      { answers: 8, failures: 0, breaker: "closed" },
      { answers: 0, failures: 12, breaker: "open" },
      { answers: 0, failures: 0, breaker: "closed" },
    ]);
    clock.advanceBy(120_000);
    expect((await records.lately(agents))[1]).toEqual({ answers: 0, failures: 12, breaker: "half-open" });
    clock.advanceBy(300_000);
    expect((await records.lately(agents))[0]).toEqual({ answers: 0, failures: 0, breaker: "closed" });
    await stop();
  });

  it("are an error that may be tried again where DynamoDB does not answer", async () => {
    const client = {
      send: () => Promise.reject(awsError("InternalServerError")),
    } as unknown as DynamoDBClient; // one method
    const records = createDynamoAgentRecords({ client, table: "log", clock: { now: () => NOW } });
    await expect(records.lately(["reply"])).rejects.toMatchObject({ code: "log.unavailable" });
  });
});
