import { parseTenantId } from "#core/ids.ts";
import { DEFAULT_RIGHTS, EVERYBODY, type Right } from "#core/rights.ts";
import type { KnownOperator } from "#runtime/letters/known-operator.ts";
import type { KnownCaller } from "#runtime/doors/read-event.ts";
import type { Callers } from "./callers.ts";
import { EVERY_TENANT } from "#core/by-tenant.ts";
import { DEFAULT_TENANT } from "../names.ts";

/** Who is whose and may do what, from identities that AWS vouches for; nothing that a caller sends has a say in it. */
export interface Tenants {
  /** The caller behind an IAM principal; none where it belongs to no tenant. */
  ofPrincipal(arn: string): KnownCaller | undefined;
  /** The caller behind an event of spine-in. */
  ofBus(account: string, source: string): KnownCaller | undefined;
  /** The operator behind an IAM principal, of one tenant or of all; none where it belongs to no tenant. */
  ofOperator(arn: string): KnownOperator | undefined;
}

const ASSUMED_ROLE = /^(arn:[^:]+):sts::(\d+):assumed-role\/([^/]+)\/(.+)$/;

/** Finds callers in what a deployment says of them. The most exact entry counts, for the tenant and for the rights. */
export function createTenants({ tenants, rights = {} }: Callers): Tenants {
  const tenantOf = mapOf(tenants ?? {});
  const rightsOf = mapOf(rights);
  const tenantFor = (source: string, account: string): string | undefined =>
    tenants === undefined ? DEFAULT_TENANT : (tenantOf.get(source) ?? tenantOf.get(account));
  const rightsFor = (source: string, account: string): readonly Right[] =>
    rightsOf.get(source) ?? rightsOf.get(account) ?? rightsOf.get(EVERYBODY) ?? DEFAULT_RIGHTS;
  const callerOf = (source: string, account: string, person?: string): KnownCaller | undefined => {
    const tenant = tenantFor(source, account);
    // Who operates for all of them has sessions of none.
    if (tenant === undefined || tenant === EVERY_TENANT) return undefined;
    const own = rightsFor(source, account);
    return { tenant: parseTenantId(tenant), source, rights: own, ...(person !== undefined && { person }) };
  };
  return {
    ofPrincipal(arn) {
      const { principal, person } = principalOf(arn);
      return callerOf(principal, accountOf(principal), person);
    },
    ofBus: (account, source) => callerOf(`${account}/${source}`, account),
    ofOperator(arn) {
      const { principal, person } = principalOf(arn);
      const account = accountOf(principal);
      const tenant = tenantFor(principal, account);
      if (tenant === undefined) return undefined;
      const isOfAll = tenants === undefined || tenant === EVERY_TENANT;
      return {
        source: principal,
        rights: rightsFor(principal, account),
        ...(!isOfAll && { tenant: parseTenantId(tenant) }),
        ...(person !== undefined && { person }),
      };
    },
  };
}

/** A role's sessions are all the role. Its ARN in a session has no path: a role with one is written without it. */
function principalOf(arn: string): { readonly principal: string; readonly person?: string } {
  const [, prefix, account, role, person] = ASSUMED_ROLE.exec(arn) ?? [];
  if (prefix === undefined || person === undefined) return { principal: arn };
  return { principal: `${prefix}:iam::${account ?? ""}:role/${role ?? ""}`, person };
}

const accountOf = (arn: string): string => arn.split(":")[4] ?? "";

const mapOf = <Value>(record: Readonly<Record<string, Value>>): ReadonlyMap<string, Value> =>
  new Map(Object.entries(record));
