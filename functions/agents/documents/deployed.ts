import { S3Client } from "@aws-sdk/client-s3";
import { clientDefaults, LARGE } from "#aws/clients.ts";
import { readVariable } from "#aws/config.ts";
import { documentsAgent } from "./documents.ts";
import { PRICES } from "./price-list.ts";
import { createS3DocumentStore } from "./s3-document-store.ts";

/** The agent on its own bucket, which DOCUMENTS_BUCKET names; its function may get and put the objects of it. */
export const agent = documentsAgent({
  store: createS3DocumentStore({
    client: new S3Client({ ...clientDefaults(LARGE), forcePathStyle: true }),
    bucket: readVariable("DOCUMENTS_BUCKET"),
  }),
  prices: PRICES,
});
