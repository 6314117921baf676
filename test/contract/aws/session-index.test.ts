import { afterAll, beforeAll } from "vitest";
import { createDynamoSessionIndex } from "#aws/dynamo/dynamo-session-index.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { startLocalTable, type LocalTable } from "../../aws/local-table.ts";
import { INDEX_TABLE_KEYS } from "../../../scripts/flat/index-table-keys.ts";
import { describeSessionIndex } from "../session-index.ts";

let local: LocalTable;

beforeAll(async () => {
  local = await startLocalTable(INDEX_TABLE_KEYS);
});
afterAll(() => local.stop());

describeSessionIndex("DynamoDB, emulated", () => {
  const { client, table } = local;
  return Promise.resolve(createDynamoSessionIndex({ client, table, digest: createNodeDigest() }));
});
