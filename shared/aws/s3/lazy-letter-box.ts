import type { LetterBox } from "#ports/blobs.ts";
import { onDemand } from "../on-demand.ts";

/** Letters whose client is loaded at the first one: recovery's other work, deadlines, needs none. */
export function createLazyLetterBox(bucket: string): LetterBox {
  const box = onDemand(async () => {
    // Named as bundling.ts names it, which gives it a file of its own.
    const { createDefaultS3LetterBox } = await import("#aws/s3/s3-letter-box.ts");
    return createDefaultS3LetterBox(bucket);
  });
  return {
    put: async (key, text) => (await box()).put(key, text),
    get: async (key) => (await box()).get(key),
    list: async (prefix, limit, after) => (await box()).list(prefix, limit, after),
    remove: async (key) => (await box()).remove(key),
  };
}
