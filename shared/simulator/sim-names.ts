import { parseSessionId, parseTenantId, type SessionKey } from "#core/ids.ts";

export const TENANT = parseTenantId("t");

export const keyOf = (session: string): SessionKey => ({ tenant: TENANT, session: parseSessionId(session) });

export const attemptName = (of: { readonly task: string; readonly attempt: number }): string =>
  `${of.task}/${of.attempt}`;

/** 2030-01-01: far from any host's clock, so that time which does not come from the Clock shows. */
export const START = 1_893_456_000_000;
