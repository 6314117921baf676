import type { AttemptRef } from "#core/ids.ts";

/** Unguessable proofs of an attempt. They are never stored: they can be computed again from a secret. */
export interface Tokens {
  issue(attempt: AttemptRef): string;
  verify(attempt: AttemptRef, token: string): boolean;
}
