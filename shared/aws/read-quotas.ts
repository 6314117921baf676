import { isJsonObject, type Json } from "#core/json.ts";
import { parseTenantId, type TenantId } from "#core/ids.ts";
import { quotaProblem, type QuotaRule } from "#core/quota.ts";
import { EVERY_TENANT } from "./names.ts";

/**
 * Reads what QUOTAS holds: a JSON object from a tenant, or "*" for all others, to `[events per second, burst]`, such as
 * `{"*": [50, 100], "shop": [200, 1000]}`. Gives the rule of each tenant that has one.
 */
export function readQuotas(text: string): (tenant: TenantId) => QuotaRule | undefined {
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value)) throw new Error("QUOTAS is not a JSON object.");
  const rules = new Map(
    Object.entries(value).map(([tenant, rule]) => [
      tenant === EVERY_TENANT ? tenant : parseTenantId(tenant),
      readRule(tenant, rule),
    ]),
  );
  return (tenant) => rules.get(tenant) ?? rules.get(EVERY_TENANT);
}

function readRule(tenant: string, given: Json): QuotaRule {
  const [perSecond, burst] = Array.isArray(given) ? (given as readonly unknown[]) : [];
  const rule = { perSecond: Number(perSecond), burst: Number(burst) };
  const problem = quotaProblem(rule);
  if (problem !== undefined) throw new Error(`QUOTAS: of ${tenant} ${problem}.`);
  return rule;
}
