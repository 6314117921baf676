import { afterAll, beforeAll } from "vitest";
import { createDynamoDeliveryProgress } from "#aws/dynamo/dynamo-delivery-progress.ts";
import { startLocalTable, type LocalTable } from "../../aws/local-table.ts";
import { describeDeliveryProgress } from "../delivery-progress.ts";

let local: LocalTable;

beforeAll(async () => {
  local = await startLocalTable();
});
afterAll(() => local.stop());

describeDeliveryProgress("DynamoDB, emulated", () =>
  Promise.resolve(createDynamoDeliveryProgress(local.client, local.table)),
);
