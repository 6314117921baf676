import { afterEach, beforeEach } from "vitest";
import { createDynamoTenantQuota } from "#aws/dynamo/dynamo-tenant-quota.ts";
import { startLocalTable, type LocalTable } from "../../aws/local-table.ts";
import { describeTenantQuota, QUOTAS } from "../tenant-quota.ts";

let local: LocalTable;

beforeEach(async () => {
  local = await startLocalTable();
});
afterEach(() => local.stop());

describeTenantQuota("DynamoDB, emulated", () => {
  let now = 1_800_000_000_000;
  const process = () => createDynamoTenantQuota({ ...local, clock: { now: () => now }, quotas: QUOTAS });
  return Promise.resolve({ processes: [process(), process()], pass: (ms) => void (now += ms) });
});
