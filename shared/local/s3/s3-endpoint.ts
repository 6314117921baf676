import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Clock } from "#ports/clock.ts";
import { AwsError } from "../http/service-error.ts";
import {
  serveLoopback,
  type LocalRequest,
  type LocalResponse,
  type LoopbackServer,
} from "../http/loopback-server.ts";
import type { Access, Caller } from "../iam/access.ts";
import { S3 } from "../signing/services.ts";
import { listObjects, xmlText } from "./list-objects.ts";
import type { ObjectStore } from "./object-store.ts";

export interface LocalBucket {
  readonly name: string;
  readonly objects: ObjectStore;
}

/** Headers of a put that come back with the object. */
const KEPT =
  /^(?:content-type|content-encoding|content-disposition|cache-control|x-amz-checksum-.*|x-amz-meta-.*)$/;
const CHECKSUMS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  "x-amz-checksum-crc32": (body) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes;
  },
  "x-amz-checksum-sha256": (body) => createHash("sha256").update(body).digest(),
};

const MAX_KEY_BYTES = 1_024;
const METADATA = "x-amz-meta-";
const MAX_METADATA_BYTES = 2_048;

interface Target {
  readonly bucket: LocalBucket;
  readonly key: string;
  readonly query: URLSearchParams;
}

/** S3's Put, Get, Head, Delete and list of whole objects, path style, and presigned links, which expire. */
export function serveS3(
  buckets: ReadonlyMap<string, LocalBucket>,
  access: Access,
  clock: Pick<Clock, "now">,
): Promise<LoopbackServer> {
  return serveLoopback(async (request) => {
    try {
      const caller = await access.authenticate(request, S3);
      const target = targetOf(request, buckets);
      return target.key === ""
        ? await listObjects(request.method, target.bucket, target.query, access, caller)
        : await perform(request, target, access, caller, clock);
    } catch (error) {
      if (error instanceof AwsError) return refusal(error, request.method === "HEAD");
      throw error;
    }
  });
}

async function perform(
  { method, headers, body }: LocalRequest,
  { bucket, key }: Target,
  access: Access,
  caller: Caller,
  clock: Pick<Clock, "now">,
): Promise<LocalResponse> {
  const arn = `arn:aws:s3:::${bucket.name}/${key}`;
  switch (method) {
    case "PUT": {
      access.check(caller, "PutObject", "s3:PutObject", arn);
      requireNames(key, headers);
      checkUpload(headers, body);
      if (headers["if-none-match"] === "*" && (await bucket.objects.get(key)) !== undefined) {
        throw new AwsError(
          "PreconditionFailed",
          "At least one of the pre-conditions you specified did not hold.",
          412,
        );
      }
      const kept = Object.entries(headers).filter(([name]) => KEPT.test(name)) as [string, string][]; // a header that is there has a value
      await bucket.objects.put(key, {
        body,
        headers: Object.fromEntries(kept),
        lastModified: new Date(clock.now()).toUTCString(),
      });
      return { status: 200, headers: { etag: etagOf(body) } };
    }
    case "GET":
    case "HEAD": {
      access.check(caller, method === "GET" ? "GetObject" : "HeadObject", "s3:GetObject", arn);
      const object = await bucket.objects.get(key);
      if (object === undefined) throw missing(access, caller, bucket);
      const checksums = headers["x-amz-checksum-mode"]?.toUpperCase() === "ENABLED";
      const shown = Object.entries(object.headers).filter(
        ([name]) => checksums || !name.startsWith("x-amz-checksum"),
      );
      return {
        status: 200,
        headers: {
          ...Object.fromEntries(shown),
          etag: etagOf(object.body),
          "last-modified": object.lastModified,
          "content-length": String(object.body.length),
        },
        body: method === "GET" ? object.body : "",
      };
    }
    case "DELETE":
      access.check(caller, "DeleteObject", "s3:DeleteObject", arn);
      await bucket.objects.delete(key);
      return { status: 204 };
    default:
      throw new AwsError("MethodNotAllowed", `The local S3 does not support ${method} on an object.`, 405);
  }
}

/** S3 hides whether a key exists from those who may not list the bucket. */
function missing(access: Access, caller: Caller, bucket: LocalBucket): AwsError {
  return access.isAllowed(caller, "s3:ListBucket", `arn:aws:s3:::${bucket.name}`)
    ? new AwsError("NoSuchKey", "The specified key does not exist.", 404)
    : new AwsError("AccessDenied", "Access Denied", 403);
}

/** S3 counts bytes of keys, and of the names and values of metadata. */
function requireNames(key: string, headers: LocalRequest["headers"]): void {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new AwsError("KeyTooLongError", "Your key is too long");
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith(METADATA));
  const bytes = metadata.reduce(
    (sum, [name, value = ""]) =>
      sum + Buffer.byteLength(name.slice(METADATA.length)) + Buffer.byteLength(value),
    0,
  );
  if (bytes > MAX_METADATA_BYTES)
    throw new AwsError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size");
}

function checkUpload(headers: LocalRequest["headers"], body: Buffer): void {
  if (headers["content-encoding"]?.includes("aws-chunked") || headers["x-amz-trailer"] !== undefined) {
    throw new AwsError("NotImplemented", "The local S3 accepts whole bodies, no aws-chunked streams.", 501);
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith("x-amz-checksum-")) continue;
    const checksum = CHECKSUMS[name];
    if (checksum === undefined)
      throw new AwsError("NotImplemented", `The local S3 does not support ${name}.`, 501);
    if (checksum(body).toString("base64") === value) continue;
    throw new AwsError("BadDigest", `The ${name} you specified did not match the calculated checksum.`);
  }
}

function targetOf({ target }: LocalRequest, buckets: ReadonlyMap<string, LocalBucket>): Target {
  const url = new URL(target, "http://local");
  const [, name = "", ...rest] = url.pathname.split("/");
  const key = decodeURIComponent(rest.join("/"));
  const bucket = buckets.get(name);
  if (bucket === undefined)
    throw new AwsError("NoSuchBucket", `The specified bucket does not exist: ${name}`, 404);
  return { bucket, key, query: url.searchParams };
}

const etagOf = (body: Buffer): string => `"${createHash("md5").update(body).digest("hex")}"`;

function refusal({ code, message, status }: AwsError, head: boolean): LocalResponse {
  const name = code === "AccessDeniedException" ? "AccessDenied" : code;
  return {
    status,
    headers: { "content-type": "application/xml" },
    body: head
      ? ""
      : `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${name}</Code><Message>${xmlText(message)}</Message></Error>`,
  };
}
