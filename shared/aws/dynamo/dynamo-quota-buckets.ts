import { GetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { TenantId } from "#core/ids.ts";
import type { QuotaBuckets } from "#ports/tenant-quota.ts";
import { reaching } from "../aws-error.ts";
import { QUOTA_PARTITION } from "../names.ts";

/** Where the log's table holds when a tenant's bucket is full again: no session's partition begins with "#". */
export const quotaKey = (tenant: TenantId) => ({ pk: { S: QUOTA_PARTITION + tenant }, sk: { N: "0" } });

/** What `DynamoTenantQuota` counted, read for people. */
export const createDynamoQuotaBuckets = (client: DynamoDBClient, table: string): QuotaBuckets => ({
  async fullAt(tenant) {
    const { Item } = await reaching("Reading a tenant's quota", () =>
      client.send(new GetItemCommand({ TableName: table, Key: quotaKey(tenant) })),
    );
    return Number(Item?.["fullAt"]?.N ?? 0);
  },
});
