import { afterAll, beforeAll } from "vitest";
import { createDynamoSessionLog } from "#aws/dynamo/dynamo-session-log.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { startLocalTable, type LocalTable } from "../../aws/local-table.ts";
import { describeSessionLog } from "../session-log.ts";

let local: LocalTable;
const blobs = createMemoryBlobs();

beforeAll(async () => {
  local = await startLocalTable();
});
afterAll(() => local.stop());

describeSessionLog("DynamoDB, emulated", () =>
  Promise.resolve(createDynamoSessionLog({ ...local, digest: createNodeDigest(), blobs })),
);
