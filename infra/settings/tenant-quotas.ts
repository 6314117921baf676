import { DEFAULT_TENANT, EVERY_TENANT } from "#aws/names.ts";
import { quotaProblem, type QuotaRule } from "#core/quota.ts";

export interface TenantQuota {
  /** Events a second in the long run, above 0. */
  readonly perSecond: number;
  /** Events at once after a pause. @default the events of a second, one at least */
  readonly burst?: number;
}

export interface TenantQuotas {
  /** Of every tenant without one of its own. @default their events are not counted */
  readonly default?: TenantQuota;
  /** By tenant. @default none has one of its own */
  readonly tenants?: Readonly<Record<string, TenantQuota>>;
}

/** The quotas as the ingress function is told them. Throws what is wrong with them. */
export function quotasText(
  quotas: TenantQuotas,
  tenants: Readonly<Record<string, string>> | undefined,
): string {
  const known = tenants === undefined ? [DEFAULT_TENANT] : Object.values(tenants);
  const own = Object.entries(quotas.tenants ?? {});
  for (const [tenant] of own) {
    if (known.includes(tenant)) continue;
    throw new Error(`The quota of "${tenant}" is nobody's. The tenants are: ${known.join(", ")}.`);
  }
  const all = quotas.default === undefined ? own : [[EVERY_TENANT, quotas.default] as const, ...own];
  return JSON.stringify(Object.fromEntries(all.map(([tenant, quota]) => [tenant, pairOf(tenant, quota)])));
}

function pairOf(tenant: string, quota: TenantQuota): readonly [number, number] {
  checkQuota(quota, `The quota of ${tenant === EVERY_TENANT ? "every tenant" : `"${tenant}"`}: `);
  const { perSecond, burst } = ruleOf(quota);
  return [perSecond, burst];
}

const ruleOf = ({ perSecond, burst }: TenantQuota): QuotaRule => ({
  perSecond,
  burst: burst ?? Math.max(1, Math.ceil(perSecond)),
});

/** Throws what is wrong with a quota, behind the words that say whose it is. */
export function checkQuota(quota: TenantQuota, whose = ""): void {
  const problem = quotaProblem(ruleOf(quota));
  if (problem !== undefined) throw new Error(`${whose}${problem}.`);
}

const QUOTA = /^(\d+(?:\.\d+)?)(?:\/(\d+))?$/;

/** The quota of every tenant, as `EVENTS_PER_SECOND` or `EVENTS_PER_SECOND/BURST`; none where nothing is said. */
export function readQuotas(text: string | undefined): TenantQuotas | undefined {
  if (!text) return undefined;
  const [, perSecond, burst] = QUOTA.exec(text) ?? [];
  if (perSecond === undefined)
    throw new Error(`"${text}" is no quota. Write 50, or 50/100 for a burst of 100.`);
  return {
    default: { perSecond: Number(perSecond), ...(burst !== undefined && { burst: Number(burst) }) },
  };
}
