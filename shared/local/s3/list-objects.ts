import { AwsError } from "../http/service-error.ts";
import type { LocalResponse } from "../http/loopback-server.ts";
import type { Access, Caller } from "../iam/access.ts";
import type { LocalBucket } from "./s3-endpoint.ts";

const MAX_KEYS = 1_000;
const KNOWN = ["list-type", "prefix", "start-after", "continuation-token", "max-keys", "x-id"];

/** S3's ListObjectsV2: keys by prefix, a page at a time. */
export async function listObjects(
  method: string,
  { name, objects }: LocalBucket,
  query: URLSearchParams,
  access: Access,
  caller: Caller,
): Promise<LocalResponse> {
  const unknown = [...query.keys()].filter((field) => !KNOWN.includes(field));
  if (method !== "GET" || query.get("list-type") !== "2" || unknown.length > 0)
    throw new AwsError("NotImplemented", "For buckets, the local S3 supports lists only.", 501);
  const prefix = query.get("prefix") ?? "";
  access.check(caller, "ListObjectsV2", "s3:ListBucket", `arn:aws:s3:::${name}`, { "s3:prefix": prefix });
  const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
  const most = Math.min(MAX_KEYS, Number(query.get("max-keys") ?? MAX_KEYS));
  const left = (await objects.keys(prefix)).filter(
    (key) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0,
  );
  const page = left.slice(0, most);
  const last = page.at(-1);
  const more = left.length > most && last !== undefined;
  const found = await Promise.all(page.map(async (key) => ({ key, object: await objects.get(key) })));
  const contents = found.map(
    ({ key, object }) =>
      `<Contents><Key>${xmlText(key)}</Key><Size>${object?.body.length ?? 0}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  );
  const next = more ? `<NextContinuationToken>${xmlText(last)}</NextContinuationToken>` : "";
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${name}</Name><Prefix>${xmlText(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${most}</MaxKeys><IsTruncated>${more}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`,
  };
}

export const xmlText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
