import { EVERY_TENANT } from "#core/by-tenant.ts";
import { EVERYBODY, isRight, RIGHTS, type Right } from "#core/rights.ts";
import type { Producer } from "../constructs/spine-bus.ts";

/**
 * The tenant of each caller: a principal's ARN, an account's number, or `account/source` of spine-in. A principal of `*`
 * operates for all tenants, and has no sessions.
 */
export type Tenants = Readonly<Record<string, string>>;

/** The rights of callers, by principal or account as in the tenants; `*` is every one that is not named. */
export type CallerRights = Readonly<Record<string, readonly Right[]>>;

/** No tenants, for functions of a version that reads them from its environment. */
export const NOBODY = "{}";

/** What an account beside the spine's own must be let through. */
export interface CallingAccount {
  readonly account: string;
  /** Its principals call the ingress' URL. */
  readonly overHttp: boolean;
  /** It puts events on spine-in: of these sources, or of any. */
  readonly onBus: readonly string[] | "any" | undefined;
}

const PRINCIPAL = /^arn:[^:]+:iam::(\d{12}):(?:user\/.+|role\/([^/]+))$/;
const WHOLE_ACCOUNT = /^\d{12}$/;
const SOURCE = /^(\d{12})\/(.+)$/;

/** Throws if an entry matches no caller, or if others could pose as its tenant. */
export function checkTenants(tenants: Tenants, producers: readonly Producer[] | undefined): void {
  for (const [caller, tenant] of Object.entries(tenants)) {
    const [, , source] = SOURCE.exec(caller) ?? [];
    if (tenant === EVERY_TENANT && !PRINCIPAL.test(caller))
      throw new Error(
        `tenants: "${caller}" has "*", the right to operate for every tenant, but is not a principal. Name the role or user that operates.`,
      );
    if (source === undefined) {
      if (PRINCIPAL.test(caller) || WHOLE_ACCOUNT.test(caller)) continue;
      throw new Error(
        `tenants: "${caller}" matches no caller. Write a role's ARN without its path, a user's ARN, an account's 12 digits, or account/source.`,
      );
    }
    if (producers?.some((producer) => producer.source === source) === true) continue;
    throw new Error(
      `tenants: "${caller}" relies on an event's source, which is free text: anyone who may put events on spine-in could pose as "${tenants[caller]}". Add { source: "${source}", roles } to producers.`,
    );
  }
}

/** Throws for unknown rights, or rights that no caller can have. */
export function checkRights(rights: CallerRights, tenants: Tenants | undefined): void {
  for (const [caller, own] of Object.entries(rights)) {
    const [, account] = /(?:^|::)(\d{12})\b/.exec(caller) ?? [];
    if (caller !== EVERYBODY && !isCaller(caller))
      throw new Error(
        `rights: "${caller}" matches no caller. Write a role's ARN without its path, a user's ARN, an account's 12 digits, account/source, or "*" for all others.`,
      );
    if (
      caller !== EVERYBODY &&
      tenants &&
      !(caller in tenants) &&
      !(account !== undefined && account in tenants)
    )
      throw new Error(`rights: "${caller}" belongs to no tenant. Add it to tenants, or remove its rights.`);
    const unknown = own.find((right) => !isRight(right));
    if (unknown !== undefined)
      throw new Error(
        `rights: "${caller}" has the unknown right "${String(unknown)}". Write ${RIGHTS.join(", ")}.`,
      );
    const ofSessions = own.find((right) => right !== "operate");
    if (tenants?.[caller] === EVERY_TENANT && ofSessions !== undefined)
      throw new Error(
        `rights: "${caller}" belongs to every tenant, so it may only operate, but has ${ofSessions}. Remove that right, or give the caller one tenant.`,
      );
  }
}

/** Of the accounts beside the spine's own, those that some operator is of. */
export const operatingAccounts = (
  accounts: readonly CallingAccount[],
  rights: CallerRights,
): readonly string[] => {
  const operators = Object.entries(rights).flatMap(([caller, own]) =>
    own.includes("operate") ? [caller] : [],
  );
  const isOf = (account: string) =>
    operators.some((caller) => caller === EVERYBODY || caller.includes(account));
  return accounts.flatMap(({ account, overHttp }) => (overHttp && isOf(account) ? [account] : []));
};

const isCaller = (caller: string): boolean =>
  PRINCIPAL.test(caller) || WHOLE_ACCOUNT.test(caller) || SOURCE.test(caller);

/** The accounts in the tenants that are not the spine's own, each with what it must be let through. */
export function callingAccounts(tenants: Tenants, own: string | undefined): readonly CallingAccount[] {
  const accounts = new Map<string, CallingAccount>();
  for (const caller of Object.keys(tenants)) {
    const [, bySource, source] = SOURCE.exec(caller) ?? [];
    const [, ofPrincipal] = PRINCIPAL.exec(caller) ?? [];
    const account = bySource ?? ofPrincipal ?? caller;
    if (account === own) continue;
    const { overHttp, onBus } = accounts.get(account) ?? { overHttp: false, onBus: undefined };
    const all = caller === account;
    accounts.set(account, {
      account,
      overHttp: overHttp || source === undefined,
      onBus: all || onBus === "any" ? "any" : source === undefined ? onBus : [...(onBus ?? []), source],
    });
  }
  return [...accounts.values()].toSorted((a, b) => (a.account < b.account ? -1 : 1));
}
