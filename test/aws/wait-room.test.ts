import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import { createDynamoWaitRoom } from "#aws/dynamo/dynamo-wait-room.ts";
import { readWaits } from "#aws/read-waits.ts";
import { parseTenantId } from "#core/ids.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";

const dynamo = mockedClient(DynamoDBClient);
const NOW = 1_800_000_000_000;
const shop = parseTenantId("shop");
const lost = awsError("ConditionalCheckFailedException");

function make(bounds = { total: 1, perTenant: 1 }) {
  const troubles: string[] = [];
  const room = createDynamoWaitRoom({
    client: new DynamoDBClient({}),
    table: "log",
    bounds,
    clock: { now: () => NOW },
    ids: createSeededIds(1),
    onTrouble: (_, what) => void troubles.push(what),
  });
  return { room, troubles };
}

beforeEach(() => {
  dynamo.reset();
});

describe("permits to wait on DynamoDB", () => {
  it("are taken by one conditional update until their time, and released by their holder only", async () => {
    dynamo.on(UpdateItemCommand).resolves({});
    const place = await make().room.enter(shop, NOW + 20_000);
    await place?.leave();
    const names = { "#until": "until", "#holder": "holder" };
    const holder = expect.any(String) as string;
    expect(inputsOf(dynamo)).toEqual([
      {
        TableName: "log",
        Key: { pk: { S: "#wait/0" }, sk: { N: "0" } },
        UpdateExpression: "SET #until = :until, #holder = :holder, #kind = :kind, #expires = :expires",
        ConditionExpression: "attribute_not_exists(#until) OR #until < :now",
        ExpressionAttributeNames: { ...names, "#kind": "kind", "#expires": "expires" },
        ExpressionAttributeValues: {
          ":until": { N: String(NOW + 20_000) },
          ":now": { N: String(NOW) },
          ":holder": { S: holder },
          ":kind": { S: "wait" },
          ":expires": { N: String(NOW / 1_000 + 20 + 3_600) },
        },
      },
      {
        TableName: "log",
        Key: { pk: { S: "#wait/0" }, sk: { N: "0" } },
        UpdateExpression: "SET #until = :free",
        ConditionExpression: "#holder = :holder",
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ":free": { N: "0" }, ":holder": { S: holder } },
      },
    ]);
  });

  it("are requested four times at most, and never twice the same", async () => {
    dynamo.on(UpdateItemCommand).rejects(lost);
    const { room, troubles } = make({ total: 50, perTenant: 50 });
    expect(await room.enter(shop, NOW + 1)).toBeUndefined();
    const asked = inputsOf(dynamo).map((input) => JSON.stringify((input as { readonly Key: object }).Key));
    expect(asked).toHaveLength(4);
    expect(new Set(asked).size).toBe(4);
    expect(troubles).toEqual([]);
  });

  it("are unavailable when the table does not answer, and releasing never throws", async () => {
    dynamo.on(UpdateItemCommand).rejects(new Error("down"));
    const { room, troubles } = make();
    expect(await room.enter(shop, NOW + 1)).toBeUndefined();
    dynamo.reset();
    dynamo
      .on(UpdateItemCommand)
      .resolvesOnce({})
      .rejectsOnce(lost)
      .resolvesOnce({})
      .rejects(new Error("down"));
    for (const _ of ["late", "down"]) await (await room.enter(shop, NOW + 1))?.leave();
    expect(troubles).toEqual(["taking a permit to wait", "releasing a permit to wait"]);
  });

  it("have bounds from a function's environment", () => {
    expect(readWaits("200/50")).toEqual({ total: 200, perTenant: 50 });
    for (const text of ["", "200", "10/20", "-1/0", "1.5/1", "99999/1"])
      expect(() => readWaits(text)).toThrow(/WAITS/);
  });
});
