import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import { SpineError } from "#core/errors.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { createAesCipher } from "#node/aes-cipher.ts";
import type { Clock } from "#ports/clock.ts";
import { MAX_CACHED_MS, type Cipher, type SessionKeys } from "#ports/secrets.ts";
import { reaching } from "../aws-error.ts";
import { createDynamoKeyItems, type WrappedKey } from "../dynamo/dynamo-key-items.ts";

export interface KmsSessionKeysOptions {
  readonly dynamo: DynamoDBClient;
  readonly kms: KMSClient;
  readonly table: string;
  /** ARN of the key that wraps keys made from now on. @default none: keys that are there are unwrapped, and no other is made */
  readonly wrappingKey?: string | undefined;
  readonly clock: Pick<Clock, "now">;
}

/** Sessions whose keys a process keeps. */
const MAX_CACHED = 500;

/**
 * Data keys wrapped by a key of KMS. Each is unwrapped by the key that wrapped it, whichever that was: a spine that was given another
 * one, or has none any more, reads its old sessions. The session is part of what was encrypted, so that a wrapped key that was put
 * elsewhere does not open.
 */
export function createKmsSessionKeys(options: KmsSessionKeysOptions): SessionKeys {
  const { dynamo, kms, table, wrappingKey, clock } = options;
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

  const unwrap = (key: SessionKey, { wrapped, wrappedBy: KeyId }: WrappedKey): Promise<Cipher> =>
    asking(async () => {
      // Where none was noted, KMS finds it in the ciphertext.
      const decrypt = { KeyId, CiphertextBlob: wrapped, EncryptionContext: contextOf(key) };
      const { Plaintext } = await kms.send(new DecryptCommand(decrypt));
      return keep(key, given(Plaintext));
    });

  const find = async (key: SessionKey): Promise<Cipher | "erased" | undefined> => {
    const kept = await items.read(key);
    return kept === undefined || kept === "erased" ? kept : unwrap(key, kept);
  };

  const make = async (key: SessionKey): Promise<Cipher | undefined> => {
    if (wrappingKey === undefined)
      throw new SpineError("internal", "No KMS key is configured to wrap the sessions' data keys.");
    const generate = { KeyId: wrappingKey, KeySpec: "AES_256", EncryptionContext: contextOf(key) } as const;
    const { CiphertextBlob, Plaintext, KeyId } = await asking(() =>
      kms.send(new GenerateDataKeyCommand(generate)),
    );
    const wrapped = { wrapped: given(CiphertextBlob), wrappedBy: KeyId };
    if (await items.put(key, wrapped)) return keep(key, given(Plaintext));
    // Somebody was faster: theirs is the session's key.
    return unlessErased(await find(key));
  };

  return {
    cached: known,
    forOpening: async (key) => known(key) ?? (await find(key)),

    async forSealing(key) {
      const cipher = known(key);
      if (cipher !== undefined) return cipher;
      const kept = await items.read(key);
      if (kept === "erased") return undefined;
      return kept === undefined ? make(key) : unwrap(key, kept);
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

const unlessErased = (found: Cipher | "erased" | undefined): Cipher | undefined =>
  found === "erased" ? undefined : found;

const contextOf = ({ tenant, session }: SessionKey) => ({ tenant, session });

function given(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes !== undefined) return bytes;
  throw new SpineError("log.unavailable", "KMS returned no key.", { retryable: true });
}

const asking = <T>(call: () => Promise<T>): Promise<T> =>
  reaching("KMS did not return the session's data key", call);
