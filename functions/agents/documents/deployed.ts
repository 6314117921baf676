import { readVariable } from "#aws/config.ts";
import { createDefaultS3Client } from "#aws/s3/s3-client.ts";
import { documentsAgent } from "./documents-agent.ts";
import { PRICES } from "./price-list.ts";
import { createS3DocumentStore } from "./s3-document-store.ts";

/** The agent on its own bucket, which DOCUMENTS_BUCKET names; its function may get and put the objects of it. */
export const agent = documentsAgent({
  store: createS3DocumentStore({
    client: createDefaultS3Client(),
    bucket: readVariable("DOCUMENTS_BUCKET"),
  }),
  prices: PRICES,
});
