import { readVariable } from "#aws/config.ts";
import { hostAgent } from "#aws/lambda/host-agent.ts";
import { createDefaultS3Client } from "#aws/s3/s3-client.ts";
import { createAgent } from "./documents-agent.ts";
import { createS3DocumentStore } from "./s3-document-store.ts";

/** The agent on its own bucket, which DOCUMENTS_BUCKET names; its function may get and put the objects of it. */
export const handler = hostAgent(
  createAgent({
    store: createS3DocumentStore({
      client: createDefaultS3Client(),
      bucket: readVariable("DOCUMENTS_BUCKET"),
    }),
  }),
);
