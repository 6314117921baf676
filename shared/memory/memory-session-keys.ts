import { randomBytes } from "node:crypto";
import { sessionKeyText } from "#core/ids.ts";
import { createAesCipher } from "#node/aes-cipher.ts";
import type { Cipher, SessionKeys } from "#ports/session-keys.ts";

/** Data keys in memory. */
export function createMemorySessionKeys(): SessionKeys {
  const ciphers = new Map<string, Cipher | "erased">();
  const find = (name: string): Cipher | undefined => {
    const found = ciphers.get(name);
    return found === "erased" ? undefined : found;
  };
  return {
    forSealing(key) {
      const name = sessionKeyText(key);
      if (!ciphers.has(name)) ciphers.set(name, createAesCipher(randomBytes(32), key));
      return Promise.resolve(find(name));
    },
    forOpening: (key) => Promise.resolve(find(sessionKeyText(key))),
    erase: (key) => Promise.resolve(void ciphers.set(sessionKeyText(key), "erased")),
    remove: (key) => Promise.resolve(void ciphers.delete(sessionKeyText(key))),
  };
}
