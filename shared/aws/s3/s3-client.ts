import { S3Client } from "@aws-sdk/client-s3";
import { clientDefaults, LARGE } from "../clients.ts";

const OF_AWS = /(?:^|\.)amazonaws\.(?:com|com\.cn|eu)$/;

/**
 * A client of S3 from the environment. On AWS a bucket is a host of its own, at a VPC's endpoint too; path style is for
 * stand-ins, which have no name for each bucket.
 */
export function createDefaultS3Client(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): S3Client {
  const endpoint = environment["AWS_ENDPOINT_URL_S3"] || environment["AWS_ENDPOINT_URL"];
  const forcePathStyle =
    endpoint !== undefined && endpoint !== "" && !OF_AWS.test(new URL(endpoint).hostname);
  return new S3Client({ ...clientDefaults(LARGE), forcePathStyle });
}
