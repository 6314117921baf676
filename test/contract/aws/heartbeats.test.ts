import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDynamoHeartbeats } from "#aws/dynamo/dynamo-heartbeats.ts";
import { parseSessionKey, parseTaskId } from "#core/ids.ts";
import { startLocalTable, type LocalTable } from "../../aws/local-table.ts";
import { describeHeartbeats } from "../heartbeats.ts";

let local: LocalTable;

beforeAll(async () => {
  local = await startLocalTable();
});
afterAll(() => local.stop());

describeHeartbeats("DynamoDB, emulated", () => Promise.resolve(createDynamoHeartbeats(local)));

it("are one item per attempt, in a partition of their own, which the table's time to live removes an hour later", async () => {
  const ref = {
    ...parseSessionKey({ tenant: "acme", session: "kept" }),
    task: parseTaskId("t-1"),
    attempt: 2,
  };
  await createDynamoHeartbeats(local).beat(ref, 1_800_000_000_500);
  const Key = { pk: { S: "#beat/acme/kept/t-1" }, sk: { N: "2" } };
  const { Item } = await local.client.send(new GetItemCommand({ TableName: local.table, Key }));
  const expires = { N: "1800003601" };
  expect(Item).toEqual({ ...Key, kind: { S: "heartbeat" }, at: { N: "1800000000500" }, expires });
});
