import type { SessionKey, TenantId } from "#core/ids.ts";
import type { Right } from "#core/rights.ts";

/** Who operates: taken from the caller's identity, never from the body. */
export interface KnownOperator {
  /** The principal, a role and not its session. */
  readonly source: string;
  /** Who of those that share it: the name of a role's session. */
  readonly person?: string;
  /** Whose sessions and letters it sees to. @default every tenant's, and letters that are nobody's */
  readonly tenant?: TenantId;
  readonly rights: readonly Right[];
}

/** Whether it may see to what belongs to a session, or to nobody. */
export const concerns = ({ tenant }: KnownOperator, key: Pick<SessionKey, "tenant"> | undefined): boolean =>
  tenant === undefined || tenant === key?.tenant;

/** Who it is, in a letter's notes and in logs. */
export const identityOf = ({ source, person }: KnownOperator) => ({
  by: source,
  ...(person !== undefined && { person }),
});
