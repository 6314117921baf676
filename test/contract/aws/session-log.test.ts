import { afterAll, beforeAll } from "vitest";
import { createDynamoSessionLog } from "#aws/dynamo-session-log.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { startLocalTable, type LocalTable } from "../../aws/local-table.ts";
import { describeSessionLog } from "../session-log.ts";

let local: LocalTable;

beforeAll(async () => {
  local = await startLocalTable();
});
afterAll(() => local.stop());

describeSessionLog("DynamoDB, emulated", () =>
  Promise.resolve(createDynamoSessionLog({ ...local, digest: createNodeDigest() })),
);
