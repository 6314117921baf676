import { createDynamoTenantQuota, type DynamoTenantQuotaOptions } from "#aws/dynamo/dynamo-tenant-quota.ts";
import { readQuotas } from "#aws/given-to-tenants.ts";
import type { TenantQuota } from "#ports/tenant-quota.ts";

/** The quotas that the environment names, counted in the log's table. */
export const createTenantQuota = (
  quotas: string,
  options: Omit<DynamoTenantQuotaOptions, "quotas">,
): TenantQuota => createDynamoTenantQuota({ ...options, quotas: readQuotas(quotas) });
