import type { SessionKey } from "#core/ids.ts";
import { isIdentified, type Input } from "#core/session/input.ts";
import type { Engine } from "./engine.ts";

/** Stands for the digest of whatever is sent to a session whose key is gone. */
export const ERASED_DIGEST = "erased";

/**
 * Inputs with digests in place of their bodies' hashes that die with the session's key: a body of a few possible values is found
 * from its plain hash by trying them all. The same inputs for a tenant without personal values.
 */
export async function keyedInputs(
  { personal }: Engine,
  key: SessionKey,
  inputs: readonly Input[],
): Promise<readonly Input[]> {
  if (personal === undefined || !inputs.some(isIdentified)) return inputs;
  const digest = await personal.digests(key);
  if (digest === undefined) return inputs;
  return inputs.map((input) => (isIdentified(input) ? { ...input, hash: digest(input.hash) } : input));
}

/**
 * Whether an input has the body that was committed under its id: a session's log has hashes of bodies as they were sent from the time
 * before its tenant declared anything. Of an erased session's inputs nobody knows, and all have.
 */
export const hasBody = (
  { hash, sent }: { readonly hash: string; readonly sent: string | undefined },
  committed: string,
): boolean => committed === hash || committed === sent || hash === ERASED_DIGEST;
