import { expect, it } from "vitest";
import { createDefaultS3Client } from "#aws/s3/s3-client.ts";

it.each<readonly [Readonly<Record<string, string>>, boolean]>([
  [{}, false],
  [{ AWS_ENDPOINT_URL_S3: "" }, false],
  [{ AWS_ENDPOINT_URL_S3: "https://bucket.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com" }, false],
  [{ AWS_ENDPOINT_URL: "https://s3.cn-north-1.amazonaws.com.cn" }, false],
  [{ AWS_ENDPOINT_URL_S3: "http://127.0.0.1:4566" }, true],
  [{ AWS_ENDPOINT_URL: "http://localhost:4566" }, true],
  [{ AWS_ENDPOINT_URL: "http://amazonaws.com.example:4566" }, true],
])("S3 with %o is addressed in path style: %s", (environment, isPathStyle) => {
  const client = createDefaultS3Client(environment);
  expect(client.config.forcePathStyle).toBe(isPathStyle);
  client.destroy();
});
