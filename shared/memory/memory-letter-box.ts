import type { LetterBox } from "#ports/blobs.ts";

/** Letters in memory. */
export function createMemoryLetterBox(): LetterBox {
  const texts = new Map<string, string>();
  return {
    put: (key, text) => Promise.resolve(void texts.set(key, text)),
    get: (key) => Promise.resolve(texts.get(key)),
    list: (prefix, limit, after = "") =>
      Promise.resolve(
        [...texts.keys()]
          .filter((key) => key.startsWith(prefix) && key > after)
          .sort()
          .slice(0, limit),
      ),
    remove: (key) => Promise.resolve(void texts.delete(key)),
  };
}
