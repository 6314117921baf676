import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { DocumentStore } from "./document-store.ts";

export interface S3DocumentStoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
}

/** Documents on S3. A key is written only where nothing stands; the same text again is no error. */
export function createS3DocumentStore({ client, bucket }: S3DocumentStoreOptions): DocumentStore {
  return {
    async put({ key, text }) {
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: text,
            ContentType: "text/plain; charset=utf-8",
            IfNoneMatch: "*",
          }),
        );
      } catch (error) {
        if (!(error instanceof Error) || error.name !== "PreconditionFailed") throw error;
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        if ((await Body?.transformToString("utf-8")) !== text)
          throw new Error(`Document "${key}" exists with another content.`);
      }
    },
  };
}
