import { afterAll, beforeAll, expect, it } from "vitest";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoScoreKeeper, createDynamoScores } from "#aws/dynamo/dynamo-scores.ts";
import { ScoreAttribute } from "#aws/names.ts";
import { parseSessionKey } from "#core/ids.ts";
import { startLocalTable, type LocalTable } from "../../aws/local-table.ts";
import { describeScores } from "../scores.ts";

const { partition, sort } = ScoreAttribute;
const KEYS = {
  AttributeDefinitions: [partition, sort].map((name) => ({
    AttributeName: name,
    AttributeType: "S" as const,
  })),
  KeySchema: [
    { AttributeName: partition, KeyType: "HASH" as const },
    { AttributeName: sort, KeyType: "RANGE" as const },
  ],
};
const A_DAY = 86_400;

let local: LocalTable;
beforeAll(async () => {
  local = await startLocalTable(KEYS);
});
afterAll(() => local.stop());

describeScores("DynamoDB, emulated", () =>
  Promise.resolve({ ...createDynamoScoreKeeper(local, A_DAY), ...createDynamoScores(local) }),
);

it("lets DynamoDB remove a score so long after its reply", async () => {
  const key = parseSessionKey({ tenant: "acme", session: "kept" });
  const score = { sequence: 3, scorer: "tone", score: 1, time: 1_900_000_000_001 };
  await createDynamoScoreKeeper(local, A_DAY).put(key, score);
  const { Item } = await local.client.send(
    new GetItemCommand({
      TableName: local.table,
      Key: { pk: { S: "acme/kept" }, sk: { S: "0000000000000003/tone" } },
    }),
  );
  expect(Item?.["expires"]).toEqual({ N: String(1_900_000_001 + A_DAY) });
});
