import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import { SpineError } from "#core/errors.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { createAesCipher } from "#node/aes-cipher.ts";
import type { Clock } from "#ports/clock.ts";
import { MAX_CACHED_MS, type Cipher, type SessionKeys } from "#ports/session-keys.ts";
import { unavailable } from "./aws-error.ts";
import { createDynamoKeyItems } from "./dynamo-key-items.ts";

export interface KmsSessionKeysOptions {
  readonly dynamo: DynamoDBClient;
  readonly kms: KMSClient;
  readonly table: string;
  /** ARN of the key that wraps the others. */
  readonly wrappingKey: string;
  readonly clock: Pick<Clock, "now">;
}

/** Sessions whose keys a process keeps. */
const MAX_CACHED = 500;

/**
 * Data keys wrapped by a key of KMS. The session is part of what was encrypted, so that a wrapped key that was put elsewhere
 * does not open.
 */
export function createKmsSessionKeys(options: KmsSessionKeysOptions): SessionKeys {
  const { dynamo, kms, table, wrappingKey: KeyId, clock } = options;
  const items = createDynamoKeyItems(dynamo, table);
  const cached = new Map<string, { readonly cipher: Cipher; readonly until: number }>();

  const known = (key: SessionKey): Cipher | undefined => {
    const found = cached.get(sessionKeyText(key));
    return found !== undefined && clock.now() < found.until ? found.cipher : undefined;
  };

  const keep = (key: SessionKey, dataKey: Uint8Array): Cipher => {
    const cipher = createAesCipher(dataKey, key);
    if (cached.size >= MAX_CACHED) cached.clear();
    cached.set(sessionKeyText(key), { cipher, until: clock.now() + MAX_CACHED_MS });
    return cipher;
  };

  const unwrap = (key: SessionKey, CiphertextBlob: Uint8Array): Promise<Cipher> =>
    asking(async () => {
      const decrypt = { KeyId, CiphertextBlob, EncryptionContext: contextOf(key) };
      const { Plaintext } = await kms.send(new DecryptCommand(decrypt));
      return keep(key, given(Plaintext));
    });

  const find = async (key: SessionKey): Promise<Cipher | undefined> => {
    const kept = await items.read(key);
    return kept === undefined || kept === "erased" ? undefined : unwrap(key, kept.wrapped);
  };

  const make = async (key: SessionKey): Promise<Cipher | undefined> => {
    const { CiphertextBlob, Plaintext } = await asking(() =>
      kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", EncryptionContext: contextOf(key) })),
    );
    // Where somebody was faster, theirs is the session's key.
    return (await items.put(key, given(CiphertextBlob))) ? keep(key, given(Plaintext)) : find(key);
  };

  return {
    forOpening: async (key) => known(key) ?? (await find(key)),

    async forSealing(key) {
      const cipher = known(key);
      if (cipher !== undefined) return cipher;
      const kept = await items.read(key);
      if (kept === "erased") return undefined;
      return kept === undefined ? make(key) : unwrap(key, kept.wrapped);
    },

    async erase(key, reason) {
      cached.delete(sessionKeyText(key));
      await items.erase(key, reason);
    },

    async remove(key) {
      cached.delete(sessionKeyText(key));
      await items.remove(key);
    },
  };
}

const contextOf = ({ tenant, session }: SessionKey) => ({ tenant, session });

function given(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes !== undefined) return bytes;
  throw new SpineError("log.unavailable", "KMS gave no key.", { retryable: true });
}

async function asking<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw unavailable(error, "log.unavailable", "KMS does not give the key of a session");
  }
}
