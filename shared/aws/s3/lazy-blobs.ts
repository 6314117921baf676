import type { Blobs } from "#ports/blobs.ts";
import { onDemand } from "../on-demand.ts";

/**
 * Blobs whose client is loaded at the first use: most sessions never have a blob, and the S3 client would be a third of
 * what a function loads at init.
 */
export function createLazyBlobs(bucket: string): Blobs {
  const blobs = onDemand(async () => {
    // Named as bundling.ts names it, which gives it a file of its own.
    const { createDefaultS3Blobs } = await import("#aws/s3/s3-blobs.ts");
    return createDefaultS3Blobs(bucket);
  });
  return {
    put: async (key, text) => (await blobs()).put(key, text),
    get: async (key) => (await blobs()).get(key),
    link: async (key, forMs) => (await blobs()).link(key, forMs),
  };
}
