import type { ExpiringBlobs } from "#ports/retention.ts";
import { onDemand } from "../on-demand.ts";

/** Blobs of sessions that expire, whose client is loaded at the first of them: most calls of the sweep find none. */
export function createLazyExpiringBlobs(bucket: string): ExpiringBlobs {
  const blobs = onDemand(async () => {
    // Named as bundling.ts names it, which gives it a file of its own.
    const { createDefaultS3ExpiringBlobs } = await import("#aws/s3/s3-expiring-blobs.ts");
    return createDefaultS3ExpiringBlobs(bucket);
  });
  return {
    put: async (key, text) => (await blobs()).put(key, text),
    get: async (key) => (await blobs()).get(key),
    link: async (key, forMs) => (await blobs()).link(key, forMs),
    removeAll: async (prefix) => (await blobs()).removeAll(prefix),
  };
}
