import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { AwsError } from "../http/service-error.ts";
import { jsonRefusal, jsonService } from "../http/json-service.ts";
import { serveLoopback, type LoopbackServer } from "../http/loopback-server.ts";
import type { Access } from "../iam/access.ts";
import type { RequestContext } from "../iam/policy-condition.ts";
import { KMS } from "../signing/services.ts";

export interface LocalKey {
  readonly arn: string;
  /** By which policies may tell keys apart. */
  readonly tags?: Readonly<Record<string, string>>;
  /** 32 bytes that never leave the endpoint. */
  readonly material: Buffer;
}

const CONTENT_TYPE = "application/x-amz-json-1.1";
const ALGORITHM = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;
const DATA_KEY_BYTES = 32;
const MAX_CONTEXT_BYTES = 8_192;
const MAX_CIPHERTEXT_BYTES = 6_144;

/**
 * KMS's GenerateDataKey and Decrypt. What was encrypted opens with the same key and the same encryption context only; a ciphertext
 * says which key that is, and a call that names another one is refused.
 */
export function serveKms(keys: readonly LocalKey[], access: Access): Promise<LoopbackServer> {
  const keyOf = (id: unknown): LocalKey => {
    const found = keys.find(({ arn }) => id === arn || arn.endsWith(`:key/${String(id)}`));
    if (found !== undefined) return found;
    throw new AwsError("NotFoundException", `Key '${String(id)}' does not exist`);
  };
  return serveLoopback(
    jsonService({
      access,
      service: KMS,
      contentType: CONTENT_TYPE,
      refusal: jsonRefusal(CONTENT_TYPE),
      operations: {
        GenerateDataKey({ caller, input }) {
          const key = keyOf(input["KeyId"]);
          access.check(caller, "GenerateDataKey", "kms:GenerateDataKey", key.arn, tagsOf(key));
          if (input["KeySpec"] !== "AES_256")
            throw new AwsError("ValidationException", "The local KMS creates data keys of AES_256 only.");
          const dataKey = randomBytes(DATA_KEY_BYTES);
          return {
            KeyId: key.arn,
            Plaintext: dataKey.toString("base64"),
            CiphertextBlob: wrap(key, dataKey, contextOf(input)).toString("base64"),
          };
        },
        Decrypt({ caller, input }) {
          const blob = Buffer.from(String(input["CiphertextBlob"]), "base64");
          if (blob.length > MAX_CIPHERTEXT_BYTES)
            throw new AwsError(
              "ValidationException",
              `A ciphertext has at most ${MAX_CIPHERTEXT_BYTES} bytes.`,
            );
          const key = keyOf(namedIn(blob));
          access.check(caller, "Decrypt", "kms:Decrypt", key.arn, tagsOf(key));
          if (input["KeyId"] !== undefined && keyOf(input["KeyId"]) !== key)
            throw new AwsError(
              "IncorrectKeyException",
              "The key is not the one that encrypted the ciphertext.",
            );
          return { KeyId: key.arn, Plaintext: unwrap(key, blob, contextOf(input)).toString("base64") };
        },
      },
    }),
  );
}

/** The order of its pairs does not matter. */
function contextOf({ EncryptionContext: context }: Readonly<Record<string, unknown>>): Buffer {
  const pairs = Object.entries(typeof context === "object" && context !== null ? context : {});
  const bytes = Buffer.from(JSON.stringify(pairs.sort(([a], [b]) => (a < b ? -1 : 1))), "utf8");
  if (bytes.length > MAX_CONTEXT_BYTES)
    throw new AwsError(
      "ValidationException",
      `The encryption context is larger than ${MAX_CONTEXT_BYTES} bytes.`,
    );
  return bytes;
}

const tagsOf = ({ tags = {} }: LocalKey): RequestContext =>
  Object.fromEntries(Object.entries(tags).map(([name, value]) => [`aws:ResourceTag/${name}`, value]));

const LENGTH_BYTES = 2;

/** The key that a ciphertext names. */
function namedIn(blob: Buffer): string {
  const length = blob.length < LENGTH_BYTES ? 0 : blob.readUInt16BE();
  return blob.subarray(LENGTH_BYTES, LENGTH_BYTES + length).toString("utf8");
}

function wrap({ arn, material }: LocalKey, dataKey: Buffer, context: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, material, iv).setAAD(context);
  const wrapped = Buffer.concat([cipher.update(dataKey), cipher.final()]);
  const name = Buffer.from(arn, "utf8");
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(name.length);
  return Buffer.concat([length, name, iv, cipher.getAuthTag(), wrapped]);
}

function unwrap({ arn, material }: LocalKey, named: Buffer, context: Buffer): Buffer {
  const blob = named.subarray(LENGTH_BYTES + Buffer.byteLength(arn));
  try {
    const decipher = createDecipheriv(ALGORITHM, material, blob.subarray(0, IV_BYTES));
    decipher.setAAD(context).setAuthTag(blob.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(blob.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    throw new AwsError(
      "InvalidCiphertextException",
      "The ciphertext or its context differs from the encrypted one.",
    );
  }
}
