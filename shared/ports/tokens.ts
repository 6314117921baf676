import type { AttemptRef } from "#core/ids.ts";

/**
 * Unguessable proofs of an attempt. They are never stored: they can be computed again from a secret.
 *
 * A secret may have versions, and a token names its own, so that a task which is under way when the secret changes still
 * proves its attempt. Where the secret or a version of it cannot be read now, both reject with a retryable
 * `secret.unavailable`: that is never said by `false`, which fences an attempt for good.
 */
export interface Tokens {
  issue(attempt: AttemptRef): string | Promise<string>;
  verify(attempt: AttemptRef, token: string): boolean | Promise<boolean>;
}

/** Tokens whose secret is at hand. */
export interface ReadyTokens extends Tokens {
  issue(attempt: AttemptRef): string;
  verify(attempt: AttemptRef, token: string): boolean;
}
