import type { Blobs } from "#ports/blobs.ts";

/**
 * Blobs whose client is loaded at the first use: most sessions never have a blob, and the S3 client would be a third of
 * what a function loads at init.
 */
export function createLazyBlobs(bucket: string): Blobs {
  let loaded: Promise<Blobs> | undefined;
  const blobs = (): Promise<Blobs> => {
    loaded ??= load(bucket).catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
  return {
    put: async (key, text) => (await blobs()).put(key, text),
    get: async (key) => (await blobs()).get(key),
    link: async (key) => (await blobs()).link(key),
  };
}

async function load(bucket: string): Promise<Blobs> {
  // Named as bundling.ts names it, which gives it a file of its own.
  const { createDefaultS3Blobs } = await import("#aws/s3-blobs.ts");
  return createDefaultS3Blobs(bucket);
}
