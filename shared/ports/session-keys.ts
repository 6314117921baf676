import type { SessionKey } from "#core/ids.ts";

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
