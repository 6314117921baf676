import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { describeBlobs } from "../blobs.ts";

describeBlobs(
  "memory",
  () => Promise.resolve(createMemoryBlobs()),
  async (link) => (await fetch(link)).text(),
);
