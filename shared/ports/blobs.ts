/** Immutable texts that are too large for a commit or a message, by key. Writing the same key again writes the same text. */
export interface Blobs {
  put(key: string, text: string): Promise<void>;
  /** `undefined` if nothing is stored under the key. */
  get(key: string): Promise<string | undefined>;
  /** A link with which an agent can fetch the text without any right of its own, for at most this many milliseconds. */
  link(key: string, forMs: number): Promise<string>;
}

/**
 * Storage of dead letters and their states: small texts by key, listed in ascending order of their keys. Broken infrastructure
 * is a SpineError `log.unavailable`, retryable.
 */
export interface LetterBox {
  /** Writing a key again replaces its text. */
  put(key: string, text: string): Promise<void>;
  /** `undefined` if nothing is stored under the key. */
  get(key: string): Promise<string | undefined>;
  /** At most `limit` keys (1,000 at most) that start with `prefix` and come after `after`. */
  list(prefix: string, limit: number, after?: string): Promise<readonly string[]>;
  /** Harmless if nothing is stored. */
  remove(key: string): Promise<void>;
}
