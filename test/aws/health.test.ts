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
    const opened = { at: NOW, to: "open" };
    expect(await records.lately(agents)).toEqual([
      { answers: 8, failures: 0, breaker: "closed", changes: [] },
      { answers: 0, failures: 12, breaker: "open", changes: [opened] },
      { answers: 0, failures: 0, breaker: "closed", changes: [] },
    ]);
    clock.advanceBy(120_000);
    expect((await records.lately(agents))[1]).toEqual({
      answers: 0,
      failures: 12,
      breaker: "half-open",
      changes: [opened],
    });
    clock.advanceBy(300_000);
    expect((await records.lately(agents))[0]).toEqual({
      answers: 0,
      failures: 0,
      breaker: "closed",
      changes: [],
    });
    await stop();
  });

  it("tell when a breaker opened and closed, the newest first and ten of them, but not that it opened again after a probe", async () => {
    const { stop, ...table } = await startLocalTable();
    const clock = createMovableClock(NOW);
    const records = createDynamoAgentRecords({ ...table, clock });
    const health = createDynamoAgentHealth({ ...table, clock, shard: 1 });
    const report = async (outcome: "ok" | "failed", times: number) => {
      await health.breakerStates();
      for (let at = 0; at < times; at += 1) health.report("reply", outcome);
      await health.flush();
    };
    const expected = [];
    for (let round = 0; round < 6; round += 1) {
      expected.unshift({ at: clock.now(), to: "open" });
      await report("failed", 12);
      clock.advanceBy(11_000);
      await report("failed", 1);
      clock.advanceBy(11_000);
      expected.unshift({ at: clock.now(), to: "closed" });
      await report("ok", 1);
      clock.advanceBy(120_000);
    }
    expect((await records.lately(["reply"]))[0]?.changes).toEqual(expected.slice(0, 10));
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
