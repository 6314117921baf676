import { isJsonObject } from "#core/json.ts";
import { parseTenantId, type TenantId } from "#core/ids.ts";
import type { Caller } from "#runtime/read-event.ts";
import { DEFAULT_TENANT } from "./names.ts";

/** Who is whose, from identities that AWS vouches for; nothing that a caller sends has a say in it. */
export interface Tenants {
  /** The caller behind an IAM principal; none where it belongs to no tenant. */
  ofPrincipal(arn: string): Caller | undefined;
  /** The caller behind an event of spine-in. */
  ofBus(account: string, source: string): Caller | undefined;
}

const ASSUMED_ROLE = /^(arn:[^:]+):sts::(\d+):assumed-role\/([^/]+)\//;

/**
 * Reads the mapping that TENANTS holds: a JSON object from principal (a role's or user's ARN, or an account's number) or
 * `account/source` of the bus to a tenant, such as `{"arn:aws:iam::111122223333:role/shop": "shop"}`. The most exact
 * entry counts. Without a mapping there is one tenant, `default`, and IAM alone says who may call.
 */
export function readTenants(text: string | undefined): Tenants {
  const tenants = text === undefined ? undefined : parse(text);
  const callerOf = (source: string, names: readonly string[]): Caller | undefined => {
    if (tenants === undefined) return { tenant: parseTenantId(DEFAULT_TENANT), source };
    const name = names.find((one) => tenants.has(one));
    const tenant = name === undefined ? undefined : tenants.get(name);
    return tenant === undefined ? undefined : { tenant, source };
  };
  return {
    ofPrincipal(arn) {
      const principal = principalOf(arn);
      return callerOf(principal, [principal, accountOf(principal)]);
    },
    ofBus: (account, source) => {
      const name = `${account}/${source}`;
      return callerOf(name, [name, account]);
    },
  };
}

function parse(text: string): ReadonlyMap<string, TenantId> {
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value)) throw new Error("TENANTS is not a JSON object.");
  return new Map(Object.entries(value).map(([principal, tenant]) => [principal, parseTenantId(tenant)]));
}

/** A role's sessions are all the role. Its ARN in a session has no path: a role with one is written without it. */
function principalOf(arn: string): string {
  const [, prefix, account, role] = ASSUMED_ROLE.exec(arn) ?? [];
  return prefix === undefined ? arn : `${prefix}:iam::${account ?? ""}:role/${role ?? ""}`;
}

const accountOf = (arn: string): string => arn.split(":")[4] ?? "";
