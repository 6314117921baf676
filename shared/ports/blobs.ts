/** Immutable texts that are too large for a commit or a message, by key. Writing the same key again writes the same text. */
export interface Blobs {
  put(key: string, text: string): Promise<void>;
  /** `undefined` where nothing is stored under the key. */
  get(key: string): Promise<string | undefined>;
  /** A link by which an agent fetches the text without any right of its own, for so many milliseconds at most. */
  link(key: string, forMs: number): Promise<string>;
}
