import { parseSessionId, parseTenantId, type SessionKey, type TenantId } from "#core/ids.ts";

export const TENANT = parseTenantId("t");

/** What names of sessions begin with that belong to a tenant of their own, which floods. */
export const NOISY = "noisy";
const NOISY_TENANT = parseTenantId(NOISY);

export const tenantOf = (session: string): TenantId => (session.startsWith(NOISY) ? NOISY_TENANT : TENANT);

export const keyOf = (session: string): SessionKey => ({
  tenant: tenantOf(session),
  session: parseSessionId(session),
});

export const attemptName = (of: { readonly task: string; readonly attempt: number }): string =>
  `${of.task}/${of.attempt}`;

/** 2030-01-01: far from any host's clock, so that time which does not come from the Clock shows. */
export const START = 1_893_456_000_000;
