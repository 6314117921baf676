import type { SessionKey, AttemptRef } from "#core/ids.ts";

/** SHA-256 of a text's UTF-8 bytes, as 43 characters of base64url. A port because the core has no platform. */
export interface Digest {
  sha256(text: string): string;
}

/** Encrypts short texts with one session's data key; each text differently each time. */
export interface Cipher {
  /** What is sealed opens at its own location alone. */
  seal(text: string, location: string): string;
  /** `undefined` where the text was not sealed with this key, or not at this location. */
  open(sealed: string, location: string): string | undefined;
  /** A digest that cannot be computed, or compared with a guess, without the key. */
  digest(text: string): string;
}

/**
 * The data key of each session, stored apart from the data that it encrypts and wrapped by a key that never leaves its service.
 * Rules for an implementation:
 * - `forSealing` creates a key for a session that has none; concurrent callers get the same key.
 * - after `erase` has returned, no caller gets the key again, except from caches: for at most `MAX_CACHED_MS`.
 * - an erased session gets no other key: `forSealing` then answers `undefined`, `forOpening` "erased".
 * - a key opens as long as it exists, whatever wraps new keys now.
 * - `cached` asks nobody: the cipher that this process has of a key now, the same cipher as long as it does, another when it was asked for again.
 * - broken infrastructure is a SpineError `log.unavailable`, retryable.
 */
export interface SessionKeys extends KeyEraser {
  forSealing(key: SessionKey): Promise<Cipher | undefined>;
  /** `undefined` if the session has no key and was not erased. */
  forOpening(key: SessionKey): Promise<Cipher | "erased" | undefined>;
  cached(key: SessionKey): Cipher | undefined;
}

/** Makes a session's personal values unreadable, and deletes the record of its key. */
export interface KeyEraser {
  /** The reason replaces the key. */
  erase(key: SessionKey, reason: string): Promise<void>;
  /** Deletes all of it: only for a session that has ended. */
  remove(key: SessionKey): Promise<void>;
}

/** How long a function may use a cached key. */
export const MAX_CACHED_MS = 300_000;

/**
 * Unguessable proofs of an attempt. They are never stored: they can be computed again from a secret. A secret may have
 * versions, and a token names its own, so that a task in progress still proves its attempt after the secret has changed. If the
 * secret or a version of it cannot be read now, both methods reject with a retryable `secret.unavailable`, never with `false`,
 * which would fence an attempt permanently.
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
 * Digests under the spine's secret: without it, a text cannot be found by guessing. They replace producers' names in logs and
 * on queues, because these may be personal. Both reject with a retryable `secret.unavailable` if the secret cannot be read now.
 */
export interface KeyedDigests {
  /** 43 letters, digits, - and _: with the newest version of the secret that this process has read. */
  digest(text: string): Promise<string>;
  /** With each version that a process may still use, newest first. */
  digests(text: string): Promise<readonly string[]>;
}
