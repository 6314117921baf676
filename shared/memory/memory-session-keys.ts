import { randomBytes } from "node:crypto";
import { sessionKeyText } from "#core/ids.ts";
import { createAesCipher } from "#node/aes-cipher.ts";
import type { Cipher, SessionKeys } from "#ports/secrets.ts";

/** Data keys in memory. */
export function createMemorySessionKeys(): SessionKeys {
  const ciphers = new Map<string, Cipher | "erased">();
  return {
    forSealing(key) {
      const name = sessionKeyText(key);
      if (!ciphers.has(name)) ciphers.set(name, createAesCipher(randomBytes(32), key));
      const found = ciphers.get(name);
      return Promise.resolve(found === "erased" ? undefined : found);
    },
    forOpening: (key) => Promise.resolve(ciphers.get(sessionKeyText(key))),
    cached(key) {
      const found = ciphers.get(sessionKeyText(key));
      return found === "erased" ? undefined : found;
    },
    erase: (key) => Promise.resolve(void ciphers.set(sessionKeyText(key), "erased")),
    remove: (key) => Promise.resolve(void ciphers.delete(sessionKeyText(key))),
  };
}
