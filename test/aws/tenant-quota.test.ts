import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import { createDynamoTenantQuota } from "#aws/dynamo/dynamo-tenant-quota.ts";
import { readPersonalPaths, readQuotas, readRetentionTimes } from "#aws/given-to-tenants.ts";
import { parseTenantId } from "#core/ids.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";

const dynamo = mockedClient(DynamoDBClient);
const START = 1_800_000_000_000;
const shop = parseTenantId("shop");
const other = parseTenantId("other");
const KEY = { pk: { S: "#quota/shop" }, sk: { N: "0" } };
const lost = awsError("ConditionalCheckFailedException");

function make(rules = '{"shop": [100, 200]}') {
  const time = { now: START };
  const troubles: string[] = [];
  const quota = createDynamoTenantQuota({
    client: new DynamoDBClient({}),
    table: "log",
    clock: { now: () => time.now },
    quotas: readQuotas(rules),
    onTrouble: (_, what) => void troubles.push(what),
  });
  return { quota, time, troubles };
}

const names = { "#fullAt": "fullAt", "#kind": "kind", "#expires": "expires" };

beforeEach(() => {
  dynamo.reset();
});

describe("tenants' quotas on DynamoDB", () => {
  it("make no request for a tenant without a rule", async () => {
    const { quota } = make();
    expect(await quota.take(other)).toEqual({ type: "granted" });
    expect(inputsOf(dynamo)).toEqual([]);
  });

  it("create a bucket with one update, which only one process can win", async () => {
    dynamo.on(UpdateItemCommand).resolves({ Attributes: { fullAt: { N: String(START + 10) } } });
    expect(await make().quota.take(shop)).toEqual({ type: "granted" });
    expect(inputsOf(dynamo)).toEqual([
      {
        TableName: "log",
        Key: KEY,
        UpdateExpression: "SET #fullAt = :next, #kind = :kind, #expires = :expires",
        ConditionExpression: "attribute_not_exists(#fullAt) OR #fullAt < :now",
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: {
          ":now": { N: String(START) },
          ":next": { N: String(START + 10) },
          ":kind": { S: "quota" },
          ":expires": { N: String(START / 1_000 + 1 + 3_600) },
        },
        ReturnValues: "UPDATED_NEW",
      },
    ]);
  });

  it("draw from an existing bucket with an update that many can make at once", async () => {
    dynamo.on(UpdateItemCommand).resolves({ Attributes: { fullAt: { N: String(START + 500) } } });
    const { quota } = make();
    await quota.take(shop);
    await quota.take(shop);
    expect(inputsOf(dynamo)[1]).toMatchObject({
      UpdateExpression: "SET #fullAt = #fullAt + :cost, #kind = :kind, #expires = :expires",
      ConditionExpression: "#fullAt BETWEEN :now AND :most",
      ExpressionAttributeValues: {
        ":cost": { N: "20" },
        ":now": { N: String(START) },
        ":most": { N: String(START + 1_980) },
      },
    });
  });

  it("read the bucket when it differs from what they assumed, and draw from its content", async () => {
    dynamo.on(GetItemCommand).resolves({ Item: { fullAt: { N: String(START + 700) } } });
    dynamo
      .on(UpdateItemCommand)
      .rejectsOnce(lost)
      .resolves({ Attributes: { fullAt: { N: String(START + 710) } } });
    expect(await make().quota.take(shop)).toEqual({ type: "granted" });
    expect(inputsOf(dynamo)[1]).toEqual({ TableName: "log", Key: KEY, ConsistentRead: true });
    expect(inputsOf(dynamo)[2]).toMatchObject({ ConditionExpression: "#fullAt BETWEEN :now AND :most" });
  });

  it("make an occasional request, not one for each of a busy tenant's events", async () => {
    let fullAt = START;
    dynamo.on(UpdateItemCommand).callsFake(({ ExpressionAttributeValues: values }) => {
      fullAt += Number(values[":cost"]?.N ?? 10);
      return { Attributes: { fullAt: { N: String(fullAt) } } };
    });
    const { quota } = make();
    for (let event = 0; event < 150; event += 1) expect(await quota.take(shop)).toEqual({ type: "granted" });
    // 1 + 2 + 4 + 8 + 16 + 25 + 25 + 25 + 25 + 25
    expect(inputsOf(dynamo)).toHaveLength(10);
  });

  it("draw once for events that one process handles concurrently", async () => {
    dynamo.on(UpdateItemCommand).resolves({ Attributes: { fullAt: { N: String(START + 10) } } });
    const { quota } = make();
    await Promise.all([quota.take(shop), quota.take(shop)]);
    // The second finds the lease of one used up, and draws the next.
    expect(inputsOf(dynamo)).toHaveLength(2);
  });

  it("do not ask an empty bucket again before it can hold a token, and less and less often", async () => {
    dynamo.on(UpdateItemCommand).rejects(lost);
    dynamo.on(GetItemCommand).callsFake(() => ({ Item: { fullAt: { N: String(time.now + 1_995) } } }));
    const { quota, time } = make();
    const asked = () => inputsOf(dynamo).length;
    expect(await quota.take(shop)).toEqual({ type: "over", retryAfterMs: 100 });
    const once = asked();
    time.now += 99;
    expect(await quota.take(shop)).toEqual({ type: "over", retryAfterMs: 1 });
    expect(asked()).toBe(once);
    time.now += 1;
    expect(await quota.take(shop)).toEqual({ type: "over", retryAfterMs: 200 });
    expect(asked()).toBeGreaterThan(once);
  });

  it("let everything pass for a second when the table does not answer, and report it once", async () => {
    dynamo.on(UpdateItemCommand).rejects(awsError("TimeoutError"));
    const { quota, time, troubles } = make();
    for (let event = 0; event < 300; event += 1) expect(await quota.take(shop)).toEqual({ type: "granted" });
    expect(troubles).toEqual(["counting the events of shop; they pass uncounted meanwhile"]);
    time.now += 1_000;
    dynamo.on(UpdateItemCommand).resolves({ Attributes: { fullAt: { N: String(time.now + 10) } } });
    expect(await quota.take(shop)).toEqual({ type: "granted" });
    expect(inputsOf(dynamo)).toHaveLength(2);
  });

  it.each(["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"])(
    "let nothing pass when the tenant's own flood throttles its item (%s)",
    async (name) => {
      dynamo.on(UpdateItemCommand).rejects(awsError(name));
      const { quota, troubles } = make();
      expect(await quota.take(shop)).toEqual({ type: "over", retryAfterMs: 100 });
      expect(troubles).toEqual([]);
    },
  );
});

describe("what a function is told of tenants", () => {
  const wrong = ["", "[]", '"*"', '{"no tenant!": VALUE}'];

  it.each([
    ["QUOTAS", readQuotas, "[50, 100]", ["5", "[0, 1]", "[1]"]],
    ["RETENTION", readRetentionTimes, "60000", ["59999", '"P90D"', "null"]],
    [
      "PERSONAL",
      (PERSONAL: string) => readPersonalPaths({ PERSONAL: PERSONAL || "{" }),
      '["input.email"]',
      ['"input.email"', '["input..email"]', "[1]"],
    ],
  ])(
    "is refused at its start where %s is no object from tenants to values that can be kept",
    (name, read, good, bad) => {
      for (const text of [
        ...wrong,
        ...bad.flatMap((value) => [`{"*": ${value}}`, `{"*": ${good}, "shop": ${value}}`]),
      ])
        expect(() => read(text.replace("VALUE", good))).toThrow(new RegExp(`^${name}`));
      expect(() => read(`{"*": ${good}, "shop": ${good}}`)).not.toThrow();
    },
  );
});
