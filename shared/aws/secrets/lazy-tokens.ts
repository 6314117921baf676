import { createVersionedTokens } from "#node/versioned-tokens.ts";
import type { Clock } from "#ports/clock.ts";
import type { KeyedDigests, Tokens, TokenSecrets } from "#ports/secrets.ts";
import { loadedOnFirstUse } from "../on-demand.ts";

/**
 * Tokens whose client is loaded, and whose secret is read, with the first of them: reading a session needs none. Apart from the other
 * lazy adapters: this one is split off a function's own bundle, and would be in the bundle of each function that names their module.
 */
export const createLazyTokens = (secretArn: string, clock: Pick<Clock, "now">): Tokens & KeyedDigests =>
  createVersionedTokens(
    loadedOnFirstUse<TokenSecrets>({ current: true, previous: true, version: true }, async () =>
      (await import("./create-token-secret.ts")).createDefaultTokenSecret(secretArn),
    ),
    clock,
  );
