import type { SessionKey, AttemptRef } from "#core/ids.ts";

/** SHA-256 of a text's UTF-8 bytes, as 43 characters of base64url. A port because the core has no platform. */
export interface Digest {
  sha256(text: string): string;
}

/** Encrypts short texts with one session's data key; each text differently each time. */
export interface Cipher {
  /** What is sealed opens at its own place alone. */
  seal(text: string, place: string): string;
  /** `undefined` where the text was not sealed with this key, or not at this place. */
  open(sealed: string, place: string): string | undefined;
  /** A digest that nobody can make, or compare with one of a guess, who has not got the key. */
  digest(text: string): string;
}

/**
 * The data key of each session, kept apart from all that it encrypts and wrapped by a key that never leaves its service.
 *
 * Rules for an implementation:
 * - `forSealing` makes a key for a session that has none; of two that do so at once both get the same key.
 * - once `erase` has returned nobody is given the key again, but for what is in memory: at most `MAX_CACHED_MS`.
 * - an erased session gets no other key: `forSealing` then answers `undefined`, `forOpening` "erased".
 * - a key opens as long as it is there, whatever wraps the keys that are made now.
 * - broken infrastructure is a SpineError `log.unavailable`, retryable.
 */
export interface SessionKeys extends KeyEraser {
  forSealing(key: SessionKey): Promise<Cipher | undefined>;
  /** `undefined` where the session has no key and was not erased. */
  forOpening(key: SessionKey): Promise<Cipher | "erased" | undefined>;
}

/** What it takes to make a session's personal values unreadable, and to forget that it had any. */
export interface KeyEraser {
  /** The reason is kept in the place of the key. */
  erase(key: SessionKey, reason: string): Promise<void>;
  /** Nothing of it stays: only for a session that has ended. */
  remove(key: SessionKey): Promise<void>;
}

/** For so long a function may go on with a key that it has. */
export const MAX_CACHED_MS = 300_000;

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

/** A version of the secret from which tokens are made. */
export interface SecretVersion {
  /** 32 to 64 characters without a space. */
  readonly id: string;
  readonly secret: string;
}

/** Where the secret is kept. All reject, retryably, where it cannot be read. */
export interface TokenSecrets {
  /** What tokens are made with from now on. */
  current(): Promise<SecretVersion>;
  /** What they were made with before it. */
  previous(): Promise<SecretVersion | undefined>;
  /** Any that is still kept. */
  version(id: string): Promise<SecretVersion | undefined>;
}

/**
 * Digests under the secret of the spine: nobody who lacks it finds a text by trying. For what stands in logs and on queues in the
 * place of names that producers give, which may be somebody's.
 *
 * Both reject with a retryable `secret.unavailable` where the secret cannot be read now.
 */
export interface KeyedDigests {
  /** 43 letters, digits, - and _: by the newest version of the secret that this process has read. */
  digest(text: string): Promise<string>;
  /** By each version that a process may still go by, the newest first. */
  digests(text: string): Promise<readonly string[]>;
}
