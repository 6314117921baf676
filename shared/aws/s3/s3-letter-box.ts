import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { LetterBox } from "#ports/blobs.ts";
import { reaching } from "../aws-error.ts";
import type { S3BlobsOptions } from "./s3-blobs.ts";
import { createDefaultS3Client } from "./s3-client.ts";

/** Letters on S3. A list is consistent: it shows every key that was written before it was asked for. */
export function createS3LetterBox({ client, bucket: Bucket }: S3BlobsOptions): LetterBox {
  return {
    put: (Key, text) =>
      reaching(`Letter ${Key} was not written`, async () => {
        const put = { Bucket, Key, Body: text, ContentType: "application/json" };
        await client.send(new PutObjectCommand(put));
      }),
    get: (Key) =>
      reaching<string | undefined>(
        `Letter ${Key} cannot be read`,
        async () => {
          const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
          return Body?.transformToString("utf-8");
        },
        { answers: { NoSuchKey: undefined } },
      ),
    list: (Prefix, MaxKeys, after) =>
      reaching(`Letters under ${Prefix} cannot be listed`, async () => {
        const { Contents = [] } = await client.send(
          new ListObjectsV2Command({
            Bucket,
            Prefix,
            MaxKeys,
            ...(after !== undefined && after !== "" && { StartAfter: after }),
          }),
        );
        return Contents.flatMap(({ Key }) => Key ?? []);
      }),
    remove: (Key) =>
      reaching(`Letter ${Key} was not deleted`, async () => {
        await client.send(new DeleteObjectCommand({ Bucket, Key }));
      }),
  };
}

/** Letters with a client of their own: what is loaded on demand. */
export const createDefaultS3LetterBox = (bucket: string): LetterBox =>
  createS3LetterBox({ client: createDefaultS3Client(), bucket });
