import { createVersionedTokens } from "#node/versioned-tokens.ts";
import type { Clock } from "#ports/clock.ts";
import type { KeyedDigests, Tokens } from "#ports/secrets.ts";
import { onDemand } from "../on-demand.ts";

/** Tokens whose client is loaded, and whose secret is read, with the first of them: reading a session needs none. */
export function createLazyTokens(secretArn: string, clock: Pick<Clock, "now">): Tokens & KeyedDigests {
  const secrets = onDemand(async () => {
    const { createDefaultTokenSecret } = await import("./create-token-secret.ts");
    return createDefaultTokenSecret(secretArn);
  });
  return createVersionedTokens(
    {
      current: async () => (await secrets()).current(),
      previous: async () => (await secrets()).previous(),
      version: async (id) => (await secrets()).version(id),
    },
    clock,
  );
}
