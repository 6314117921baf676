import { SpineError } from "#core/errors.ts";
import type { ExpiringBlobs } from "#ports/retention.ts";

/** Blobs in memory. A link is a data URL: it carries the text, so whoever has the link can read it. */
export function createMemoryBlobs(): ExpiringBlobs {
  const texts = new Map<string, string>();
  return {
    async put(key, text) {
      texts.set(key, text);
    },
    async get(key) {
      return texts.get(key);
    },
    async removeAll(prefix) {
      for (const key of texts.keys()) if (key.startsWith(prefix)) texts.delete(key);
    },
    async link(key) {
      const text = texts.get(key);
      if (text === undefined) {
        throw new SpineError("internal", `No blob is stored under "${key}". Store it before linking to it.`);
      }
      return `data:text/plain;charset=utf-8;base64,${Buffer.from(text, "utf8").toString("base64")}`;
    },
  };
}
