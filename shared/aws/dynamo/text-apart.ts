import { Buffer } from "node:buffer";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { SpineError } from "#core/errors.ts";
import { utf8Length } from "#core/json.ts";
import { MAX_COMMIT_BYTES } from "#core/session/limits.ts";
import type { Blobs } from "#ports/blobs.ts";
import type { Digest } from "#ports/secrets.ts";
import { TEXT_APART } from "../names.ts";

type Item = Readonly<Record<string, AttributeValue>>;

/** Where the text of a commit is that its item cannot hold. */
interface Apart {
  readonly key: string;
  /** Of the text: what is found there is what was written, or the log is corrupt. */
  readonly hash: string;
}

/** What it takes to read such a text. */
export interface TextsApart {
  readonly blobs: Pick<Blobs, "get"> | undefined;
  readonly digest: Digest;
}

/** Whether a commit's text stands beside the table. */
export const isTextApart = (item: Item): boolean => item["codec"]?.S === TEXT_APART;

/**
 * Stores a text that no item can hold, before its item; gives the attributes that stand for it. None where an item can. `owner` is the name
 * of its session, or `LARGE_FLOWS`.
 */
export async function putApart(
  ports: { readonly blobs: Blobs | undefined; readonly digest: Digest },
  owner: string,
  text: string,
): Promise<Item | undefined> {
  if (text.length * 3 <= MAX_COMMIT_BYTES || utf8Length(text) <= MAX_COMMIT_BYTES) return undefined;
  const hash = ports.digest.sha256(text);
  const apart: Apart = { key: `commits/${owner}/${hash}`, hash };
  await givenBlobs(ports.blobs).put(apart.key, text);
  return { text: { B: Buffer.from(JSON.stringify(apart)) }, codec: { S: TEXT_APART } };
}

/** The text that an item stands for. Throws `log.corrupt` where it is gone or altered. */
export async function getApart({ blobs, digest }: TextsApart, { text }: Item): Promise<string> {
  const { key, hash } = readApart(text?.B);
  const found = await givenBlobs(blobs).get(key);
  if (found === undefined)
    throw new SpineError("log.corrupt", `The text of an item of the log, ${key}, is missing.`);
  if (digest.sha256(found) !== hash)
    throw new SpineError(
      "log.corrupt",
      `The text of an item of the log, ${key}, differs from what was written.`,
    );
  return found;
}

function readApart(bytes: Uint8Array | undefined): Apart {
  const value = valueIn(bytes);
  if (typeof value === "object" && value !== null && "key" in value && "hash" in value) {
    const { key, hash } = value;
    if (typeof key === "string" && typeof hash === "string") return { key, hash };
  }
  throw new SpineError("log.corrupt", "A commit's item does not name its text.");
}

function valueIn(bytes: Uint8Array | undefined): unknown {
  try {
    return bytes === undefined ? undefined : JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}

function givenBlobs<T>(blobs: T | undefined): T {
  if (blobs !== undefined) return blobs;
  throw new SpineError(
    "log.unavailable",
    "A commit of more than 300,000 bytes keeps its text in the blob bucket, and this function has no BUCKET_NAME. Set it, and grant the function read access to the bucket.",
    { retryable: true },
  );
}
