import { afterAll, beforeAll, expect, it } from "vitest";
import { createDynamoLiveOutput } from "#aws/dynamo/dynamo-live-output.ts";
import { parseSessionKey } from "#core/ids.ts";
import { startLocalTable, type LocalTable } from "../../aws/local-table.ts";
import { describeLiveOutput } from "../live-output.ts";

const START = 1_800_000_000_000;
const LIVE_TABLE_KEYS = {
  AttributeDefinitions: ["session", "task"].map((name) => ({
    AttributeName: name,
    AttributeType: "S" as const,
  })),
  KeySchema: [
    { AttributeName: "session", KeyType: "HASH" as const },
    { AttributeName: "task", KeyType: "RANGE" as const },
  ],
};

let local: LocalTable;

beforeAll(async () => {
  local = await startLocalTable(LIVE_TABLE_KEYS);
});
afterAll(() => local.stop());

const at = (now: number) => createDynamoLiveOutput({ ...local, clock: { now: () => now } });

describeLiveOutput("DynamoDB, emulated", () => Promise.resolve(at(START)));

it("is over after a quarter of an hour, before DynamoDB has removed it", async () => {
  const key = parseSessionKey({ tenant: "acme", session: "old" });
  const record = { task: "t", attempt: 1, run: "r", step: "plan", agent: "writer", n: 1 };
  await at(START).put(key, record, START);
  expect(await at(START + 899_000).read(key)).toEqual([record]);
  expect(await at(START + 901_000).read(key)).toEqual([]);
});
