import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { describeBlobs, describeExpiringBlobs } from "../blobs.ts";

describeBlobs(
  "memory",
  () => Promise.resolve(createMemoryBlobs()),
  async (link) => (await fetch(link)).text(),
);
describeExpiringBlobs("memory", () => Promise.resolve(createMemoryBlobs()));
