import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { Blobs } from "#ports/blobs.ts";
import { reaching } from "../aws-error.ts";
import { createDefaultS3Client } from "./s3-client.ts";

export interface S3BlobsOptions {
  readonly client: S3Client;
  readonly bucket: string;
}

/**
 * What S3 takes: a second to a week. A link ends with the credentials that signed it in any case; an agent that finds it dead fails,
 * and its next attempt brings a new one.
 */
const LINK_SECONDS = { least: 1, most: 604_800 };

/** Blobs on S3. A link is a presigned GET: its holder needs no right of its own. */
export function createS3Blobs({ client, bucket }: S3BlobsOptions): Blobs {
  return {
    put: (key, text) =>
      reaching(`Blob ${key} was not written`, async () => {
        await client.send(
          new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentType: "application/json" }),
        );
      }),
    get: (key) =>
      reaching<string | undefined>(
        `Blob ${key} cannot be read`,
        async () => {
          const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
          return Body?.transformToString("utf-8");
        },
        { answers: { NoSuchKey: undefined } },
      ),
    link(key, forMs) {
      const { least, most } = LINK_SECONDS;
      const expiresIn = Math.min(most, Math.max(least, Math.ceil(forMs / 1_000)));
      return getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn });
    },
  };
}

/** Blobs with a client of their own: what is loaded on demand. */
export const createDefaultS3Blobs = (bucket: string): Blobs =>
  createS3Blobs({ client: createDefaultS3Client(), bucket });
