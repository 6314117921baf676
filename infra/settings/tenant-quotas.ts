import { DEFAULT_TENANT } from "#aws/names.ts";
import { EVERY_TENANT, readByTenant, settingError, type ByTenant } from "#core/by-tenant.ts";
import { quotaProblem, type QuotaRule } from "#core/quota.ts";

export interface TenantQuota {
  /** Events per second in the long run, above 0. */
  readonly perSecond: number;
  /** Events at once after a pause. @default the events of one second, at least one */
  readonly burst?: number;
}

/** The quotas as functions are told them. Throws what is wrong with them. */
export function quotasText(
  quotas: ByTenant<TenantQuota>,
  tenants: Readonly<Record<string, string>> | undefined,
): string {
  const known = [EVERY_TENANT, ...(tenants === undefined ? [DEFAULT_TENANT] : Object.values(tenants))];
  const nobody = Object.keys(quotas).filter((tenant) => !known.includes(tenant));
  if (nobody.length > 0)
    throw settingError(
      nobody.map((tenant) => ({
        field: `quotas.${tenant}`,
        problem: "is nobody's",
        repair: `The tenants are: ${known.join(", ")}.`,
      })),
    );
  const rules = readByTenant("quotas", quotas, (quota) => readQuota(quota as TenantQuota)); // its type, or a caller's without types
  const pairs = Object.entries(rules).map(([tenant, { perSecond, burst }]) => [tenant, [perSecond, burst]]);
  return JSON.stringify(Object.fromEntries(pairs));
}

/** The rule that a quota means, or what is wrong with it. */
export function readQuota({ perSecond, burst = Math.max(1, Math.ceil(perSecond)) }: TenantQuota) {
  const rule: QuotaRule = { perSecond, burst };
  return quotaProblem(rule) ?? { value: rule };
}

const QUOTA = /^(\d+(?:\.\d+)?)(?:\/(\d+))?$/;

/** The quota of every tenant, as `EVENTS_PER_SECOND` or `EVENTS_PER_SECOND/BURST`; none where nothing is said. */
export function readQuotas(text: string | undefined): ByTenant<TenantQuota> | undefined {
  if (!text) return undefined;
  const [, perSecond, burst] = QUOTA.exec(text) ?? [];
  if (perSecond === undefined)
    throw new Error(`"${text}" is not a quota. Write 50, or 50/100 for a burst of 100.`);
  return {
    [EVERY_TENANT]: { perSecond: Number(perSecond), ...(burst !== undefined && { burst: Number(burst) }) },
  };
}
