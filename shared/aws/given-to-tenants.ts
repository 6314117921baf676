import { readByTenant, type ByTenant, type ReadValue } from "#core/by-tenant.ts";
import { readQuotaPair, type QuotaRule } from "#core/quota.ts";
import { readRetention } from "#core/retention-time.ts";
import { readDeclaredPaths, type DeclaredPaths } from "#core/session/personal/declared-paths.ts";
import { Env, readOptionalEnv } from "./config.ts";

/** What functions are told of tenants: variables that hold JSON objects from a tenant, or `*` for all others, to its value. */
function readText<Value>(
  field: "quotas" | "retention" | "personal",
  text: string,
  read: ReadValue<Value>,
): ByTenant<Value> {
  return readByTenant(Env[field], jsonOf(text), read);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `[events per second, burst]` by tenant, such as `{"*": [50, 100], "shop": [200, 1000]}`. */
export const readQuotas = (text: string): ByTenant<QuotaRule> => readText("quotas", text, readQuotaPair);

/** How long finished sessions stay, in ms by tenant. */
export const readRetentionTimes = (text: string): ByTenant<number> =>
  readText("retention", text, readRetention);

/** Where tenants have personal values; empty where the environment says nothing. */
export const readPersonalPaths = (
  environment?: Readonly<Record<string, string | undefined>>,
): ByTenant<DeclaredPaths> =>
  readText("personal", readOptionalEnv("personal", environment) ?? "{}", readDeclaredPaths);
