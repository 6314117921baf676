import { parseSessionId, parseTenantId, type SessionKey } from "#core/ids.ts";

export const TENANT = parseTenantId("t");

export const keyOf = (session: string): SessionKey => ({ tenant: TENANT, session: parseSessionId(session) });

export const attemptName = (of: { readonly task: string; readonly attempt: number }): string =>
  `${of.task}/${of.attempt}`;
