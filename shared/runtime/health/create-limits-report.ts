import { EVERY_TENANT, givenTo, type ByTenant } from "#core/by-tenant.ts";
import type { TenantId } from "#core/ids.ts";
import { tokensLeft, type QuotaRule } from "#core/quota.ts";
import type { WaitBounds } from "#core/wait-permits.ts";
import type { Clock } from "#ports/clock.ts";
import type { QuotaBuckets } from "#ports/tenant-quota.ts";

/** What a tenant may send, and how much of it is left. */
export interface QuotaReport extends QuotaRule {
  /** The tenant's name; `*` is every tenant that is not named, each with a bucket of its own. */
  readonly tenant: string;
  /** Events that it could send at once, about: processes may hold a second's events beside. Absent for `*`. */
  readonly left?: number;
}

/** What a deployment bounds. What is absent is unbounded, or not there. */
export interface LimitsReport {
  readonly events: readonly QuotaReport[];
  /** Tasks of one tenant that a lane of an agent hands out at once. */
  readonly tasksInFlight?: number;
  /** Requests that are held for their replies at once. */
  readonly waits?: WaitBounds;
  /** Streams that are open at once. */
  readonly streams?: WaitBounds;
}

export interface LimitsReportPorts {
  readonly quotas: ByTenant<QuotaRule>;
  readonly bounds: Omit<LimitsReport, "events">;
  /** The one tenant that there is: who operates for all is told of it as it would be. @default there are several */
  readonly only?: TenantId | undefined;
  readonly buckets: QuotaBuckets;
  readonly clock: Pick<Clock, "now">;
}

/** Tells a tenant's own limits, or to who operates for all tenants those of each that is named. Throws what the buckets throw. */
export function createLimitsReport({ quotas, bounds, only, buckets, clock }: LimitsReportPorts) {
  const ofTenant = async (tenant: TenantId): Promise<readonly QuotaReport[]> => {
    const rule = givenTo(quotas, tenant);
    if (rule === undefined) return [];
    return [{ tenant, ...rule, left: tokensLeft(rule, await buckets.fullAt(tenant), clock.now()) }];
  };
  const ofAll = (): readonly QuotaReport[] =>
    Object.entries(quotas)
      .sort(([a], [b]) => Number(a === EVERY_TENANT) - Number(b === EVERY_TENANT) || (a < b ? -1 : 1))
      .map(([tenant, rule]) => ({ tenant, ...rule }));

  return async (asking: TenantId | undefined): Promise<LimitsReport> => {
    const tenant = asking ?? only;
    return { events: tenant === undefined ? ofAll() : await ofTenant(tenant), ...bounds };
  };
}
