/** Immutable texts that are too large for a commit or a message, by key. Writing the same key again writes the same text. */
export interface Blobs {
  put(key: string, text: string): Promise<void>;
  /** `undefined` where nothing is stored under the key. */
  get(key: string): Promise<string | undefined>;
  /** A link by which an agent fetches the text without any right of its own, for so many milliseconds at most. */
  link(key: string, forMs: number): Promise<string>;
}

/**
 * Where dead letters are kept, with marks of what became of them: small texts by key, listed in ascending order of their
 * keys. Broken infrastructure is a SpineError `log.unavailable`, retryable.
 */
export interface LetterBox {
  /** Writing a key again replaces its text. */
  put(key: string, text: string): Promise<void>;
  /** `undefined` where nothing is stored under the key. */
  get(key: string): Promise<string | undefined>;
  /** At most `limit` keys (1,000 at most) that start with `prefix` and come after `after`. */
  list(prefix: string, limit: number, after?: string): Promise<readonly string[]>;
  /** Harmless where nothing is stored. */
  remove(key: string): Promise<void>;
}
