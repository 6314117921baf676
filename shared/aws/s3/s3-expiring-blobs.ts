import { DeleteObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { ExpiringBlobs } from "#ports/retention.ts";
import { reaching } from "../aws-error.ts";
import { createS3Blobs, type S3BlobsOptions } from "./s3-blobs.ts";
import { createDefaultS3Client } from "./s3-client.ts";

const SIDE_BY_SIDE = 10;

/** Blobs as retention has them: those of a session can be removed together. */
export function createS3ExpiringBlobs({ client, bucket }: S3BlobsOptions): ExpiringBlobs {
  const page = async (prefix: string): Promise<readonly string[]> => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
    return Contents.flatMap(({ Key }) => Key ?? []);
  };

  return {
    ...createS3Blobs({ client, bucket }),
    removeAll: (prefix) =>
      reaching(`The blobs under ${prefix} were not deleted`, async () => {
        // From the start each time: what was listed before is gone.
        for (let keys = await page(prefix); keys.length > 0; keys = await page(prefix)) {
          for (let from = 0; from < keys.length; from += SIDE_BY_SIDE) {
            const some = keys.slice(from, from + SIDE_BY_SIDE);
            await Promise.all(
              some.map((Key) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key }))),
            );
          }
        }
      }),
  };
}

export const createDefaultS3ExpiringBlobs = (bucket: string): ExpiringBlobs =>
  createS3ExpiringBlobs({ client: createDefaultS3Client(), bucket });
