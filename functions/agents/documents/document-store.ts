import { createHash } from "node:crypto";

/** Documents by key. A key is written once: the same text again changes nothing, another text is refused. */
export interface DocumentStore {
  put(document: { readonly key: string; readonly text: string }): Promise<void>;
}

export interface MemoryDocumentStore extends DocumentStore {
  get(key: string): string | undefined;
  keys(): readonly string[];
}

/** SHA-256 of a text's UTF-8 bytes, in hexadecimal. */
export const contentHash = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

export const createMemoryDocumentStore = (): MemoryDocumentStore => {
  const texts = new Map<string, string>();
  return {
    put: ({ key, text }) => {
      const present = texts.get(key);
      if (present !== undefined && present !== text) {
        return Promise.reject(new Error(`Document "${key}" exists with another content.`));
      }
      texts.set(key, text);
      return Promise.resolve();
    },
    get: (key) => texts.get(key),
    keys: () => [...texts.keys()],
  };
};
