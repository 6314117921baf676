import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { AwsError } from "../http/aws-error.ts";
import { jsonRefusal, jsonService } from "../http/json-service.ts";
import { serveLoopback, type LoopbackServer } from "../http/loopback-server.ts";
import type { Access } from "../iam/access.ts";
import { KMS } from "../signing/services.ts";

export interface LocalKey {
  readonly arn: string;
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

/** KMS's GenerateDataKey and Decrypt. What was encrypted opens with the same key and the same encryption context only. */
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
          access.check(caller, "GenerateDataKey", "kms:GenerateDataKey", key.arn);
          if (input["KeySpec"] !== "AES_256")
            throw new AwsError("ValidationException", "The local KMS makes data keys of AES_256 only.");
          const dataKey = randomBytes(DATA_KEY_BYTES);
          return {
            KeyId: key.arn,
            Plaintext: dataKey.toString("base64"),
            CiphertextBlob: wrap(key, dataKey, contextOf(input)).toString("base64"),
          };
        },
        Decrypt({ caller, input }) {
          const key = keyOf(input["KeyId"]);
          access.check(caller, "Decrypt", "kms:Decrypt", key.arn);
          const blob = Buffer.from(String(input["CiphertextBlob"]), "base64");
          if (blob.length > MAX_CIPHERTEXT_BYTES)
            throw new AwsError(
              "ValidationException",
              `A ciphertext has at most ${MAX_CIPHERTEXT_BYTES} bytes.`,
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

function wrap({ material }: LocalKey, dataKey: Buffer, context: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, material, iv).setAAD(context);
  const wrapped = Buffer.concat([cipher.update(dataKey), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), wrapped]);
}

function unwrap({ material }: LocalKey, blob: Buffer, context: Buffer): Buffer {
  try {
    const decipher = createDecipheriv(ALGORITHM, material, blob.subarray(0, IV_BYTES));
    decipher.setAAD(context).setAuthTag(blob.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(blob.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    throw new AwsError(
      "InvalidCiphertextException",
      "The ciphertext or its context is not what was encrypted.",
    );
  }
}
