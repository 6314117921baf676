import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import { createDynamoAgentHealth } from "#aws/dynamo/dynamo-agent-health.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";

const dynamo = mockedClient(DynamoDBClient);
const START = 1_800_000_000_000;

function make() {
  const time = { now: START };
  const troubles: string[] = [];
  const changes: string[] = [];
  const health = createDynamoAgentHealth({
    client: new DynamoDBClient({}),
    table: "log",
    clock: { now: () => time.now },
    shards: 2,
    shard: 1,
    onTrouble: (_, what) => void troubles.push(what),
    onChange: (now, agent) => void changes.push(`${agent} ${now}`),
  });
  return { health, time, troubles, changes };
}

beforeEach(() => {
  dynamo.reset();
  dynamo.onAnyCommand().resolves({});
});

describe("agents' health on DynamoDB", () => {
  it("reads one item for all agents, and only every few seconds", async () => {
    dynamo.on(GetItemCommand).resolves({ Item: { "open:writer": { N: String(START + 9_000) } } });
    const { health, time } = make();
    expect(await health.breakerStates()).toEqual({ writer: "open" });
    await health.breakerStates();
    time.now += 2_999;
    await health.breakerStates();
    expect(inputsOf(dynamo)).toEqual([{ TableName: "log", Key: { pk: { S: "#health" }, sk: { N: "0" } } }]);
    time.now += 1;
    await health.breakerStates();
    expect(inputsOf(dynamo)).toHaveLength(2);
  });

  it("does not make a session wait for states that are seconds old, only for older ones", async () => {
    const { health, time } = make();
    expect(await health.breakerStates()).toEqual({});
    let arrive: (item: object) => void = () => undefined;
    dynamo.on(GetItemCommand).callsFake(() => new Promise((resolve) => void (arrive = resolve)));
    time.now += 3_000;
    expect(await health.breakerStates()).toEqual({});
    arrive({ Item: { "open:writer": { N: String(START + 90_000) } } });
    await health.flush();
    expect(await health.breakerStates()).toEqual({ writer: "open" });
    dynamo.on(GetItemCommand).resolves({});
    time.now += 30_000;
    expect(await health.breakerStates()).toEqual({});
  });

  it("counts many good outcomes in one write", async () => {
    const { health, time } = make();
    for (let time = 0; time < 30; time += 1) health.report("writer", "ok");
    await health.flush();
    expect(inputsOf(dynamo)).toEqual([]);
    time.now += 5_000;
    await health.flush();
    await health.flush();
    expect(inputsOf(dynamo)).toEqual([
      {
        TableName: "log",
        Key: { pk: { S: "#health/writer#1" }, sk: { N: String(Math.floor(time.now / 30_000)) } },
        UpdateExpression: "ADD #ok :ok, #slow :slow, #failed :failed SET #kind = :kind, #expires = :expires",
        ExpressionAttributeNames: {
          "#ok": "ok",
          "#slow": "slow",
          "#failed": "failed",
          "#kind": "kind",
          "#expires": "expires",
        },
        ExpressionAttributeValues: {
          ":ok": { N: "30" },
          ":slow": { N: "0" },
          ":failed": { N: "0" },
          ":kind": { S: "health" },
          ":expires": { N: String(Math.floor(time.now / 1_000) + 3_600) },
        },
      },
    ]);
  });

  it("writes a few good outcomes only with trouble, and forgets them after a window", async () => {
    const { health, time } = make();
    const writtenOk = () =>
      dynamo
        .commandCalls(UpdateItemCommand)
        .map(({ args }) => args[0].input.ExpressionAttributeValues?.[":ok"]?.N);
    const few = () => {
      for (let at = 0; at < 4; at += 1) health.report("writer", "ok");
    };
    few();
    time.now += 5_000;
    await health.flush();
    expect(writtenOk()).toEqual([]);
    health.report("reader", "failed");
    await health.flush();
    expect(writtenOk()).toEqual(["4", "0"]);
    few();
    time.now += 30_000;
    health.report("reader", "failed");
    await health.flush();
    expect(writtenOk()).toEqual(["4", "0", "0"]);
    few();
    health.report("writer", "ok");
    time.now += 5_000;
    await health.flush();
    expect(writtenOk()).toEqual(["4", "0", "0", "5"]);
  });

  it("opens by the sum of all shards, not by what this process counted", async () => {
    const shard = { ok: { N: "1" }, failed: { N: "8" } };
    dynamo.on(BatchGetItemCommand).resolves({ Responses: { log: [shard, shard] } });
    const { health } = make();
    health.report("writer", "failed");
    await health.flush();
    const [opened, noted] = inputsOf(dynamo).slice(-2);
    expect(opened).toEqual({
      TableName: "log",
      Key: { pk: { S: "#health" }, sk: { N: "0" } },
      UpdateExpression: "SET #agent = :until",
      ExpressionAttributeNames: { "#agent": "open:writer" },
      ExpressionAttributeValues: { ":until": { N: String(START + 10_000) } },
    });
    // For people, for a month.
    expect(noted).toMatchObject({
      Key: { pk: { S: "#health/writer#changes" }, sk: { N: String(START) } },
      ExpressionAttributeValues: {
        ":to": { S: "open" },
        ":expires": { N: String(Math.floor(START / 1_000) + 30 * 86_400) },
      },
    });
  });

  it("requests only the unprocessed counts again", async () => {
    const shard = { failed: { N: "8" } };
    const left = { Keys: [{ pk: { S: "#health/writer#1" }, sk: { N: "1" } }], ConsistentRead: true };
    dynamo
      .on(BatchGetItemCommand)
      .resolvesOnce({ Responses: { log: [shard] }, UnprocessedKeys: { log: left } })
      .resolvesOnce({ Responses: { log: [shard] } });
    const { health, changes } = make();
    health.report("writer", "failed");
    await health.flush();
    expect(dynamo.commandCalls(BatchGetItemCommand)[1]?.args[0].input).toEqual({
      RequestItems: { log: left },
    });
    expect(dynamo.commandCalls(BatchGetItemCommand)).toHaveLength(2);
    expect(changes).toEqual(["writer open"]);
  });

  it("reports when a breaker opens and when a good probe closes it", async () => {
    dynamo
      .on(BatchGetItemCommand)
      .resolves({ Responses: { log: [{ slow: { N: "9" }, failed: { N: "1" } }] } });
    const { health, time, changes } = make();
    health.report("writer", "slow");
    await health.flush();
    time.now += 10_000;
    health.report("writer", "ok");
    await health.flush();
    expect(changes).toEqual(["writer open", "writer closed"]);
  });

  it("stays closed while most outcomes are good", async () => {
    dynamo
      .on(BatchGetItemCommand)
      .resolves({ Responses: { log: [{ ok: { N: "50" }, failed: { N: "9" } }] } });
    const { health } = make();
    health.report("writer", "timed-out");
    await health.flush();
    expect(dynamo.commandCalls(UpdateItemCommand)).toHaveLength(1);
  });

  it("never stops a session: failed reads and writes are only reported", async () => {
    dynamo.onAnyCommand().rejects(awsError("ThrottlingException"));
    const { health, troubles } = make();
    expect(await health.breakerStates()).toEqual({});
    health.report("writer", "failed");
    await health.flush();
    expect(troubles).toEqual(["reading the circuit breakers", "counting outcomes of writer"]);
  });
});
