import { afterAll, beforeAll } from "vitest";
import { createDynamoExpiringLog } from "#aws/dynamo/dynamo-expiring-log.ts";
import { createDynamoRetentionIndex } from "#aws/dynamo/dynamo-retention-index.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { startLocalTable, type LocalTable } from "../../aws/local-table.ts";
import { describeExpiringLog } from "../expiring-log.ts";
import { describeRetentionIndex } from "../retention-index.ts";

let local: LocalTable;
const digest = createNodeDigest();

beforeAll(async () => {
  local = await startLocalTable();
});
afterAll(() => local.stop());

describeExpiringLog("DynamoDB, emulated", () =>
  Promise.resolve(createDynamoExpiringLog({ ...local, digest })),
);
describeRetentionIndex("DynamoDB, emulated", async () => {
  const index = createDynamoRetentionIndex({ ...local, digest });
  // The table is shared by all tests of this file.
  for await (const due of index.due(Number.MAX_SAFE_INTEGER)) await index.forget(due);
  return index;
});
