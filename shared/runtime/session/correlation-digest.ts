import type { TenantId } from "#core/ids.ts";
import type { KeyedDigests } from "#ports/secrets.ts";

/** 96 bits: more than enough to tell a tenant's correlations apart. */
const SHOWN_CHARACTERS = 16;

// Of its tenant's own: no tenant tries another's correlations.
const textOf = (tenant: string, correlation: string): string => JSON.stringify([tenant, correlation]);
const shown = (digest: string): string => digest.slice(0, SHOWN_CHARACTERS);

/** What log lines say in the place of a correlation. */
export async function correlationDigest(
  digests: KeyedDigests,
  tenant: string,
  correlation: string,
): Promise<string> {
  return shown(await digests.digest(textOf(tenant, correlation)));
}

/** What log lines may say in the place of a correlation: by each version of the secret, the newest first. */
export async function correlationDigests(
  digests: KeyedDigests,
  tenant: TenantId,
  correlation: string,
): Promise<readonly string[]> {
  return (await digests.digests(textOf(tenant, correlation))).map(shown);
}
