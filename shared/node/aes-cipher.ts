import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { SessionKey } from "#core/ids.ts";
import { sessionKeyText } from "#core/ids.ts";
import type { Cipher } from "#ports/session-keys.ts";

const ALGORITHM = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM with a new nonce for each text; bound to its session, so that no text passes for one of another session. */
export function createAesCipher(dataKey: Uint8Array, key: SessionKey): Cipher {
  const session = Buffer.from(sessionKeyText(key), "utf8");
  return {
    seal(text) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, dataKey, iv).setAAD(session);
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
    },
    open(text) {
      const sealed = Buffer.from(text, "base64url");
      if (sealed.length < IV_BYTES + TAG_BYTES) return undefined;
      try {
        const decipher = createDecipheriv(ALGORITHM, dataKey, sealed.subarray(0, IV_BYTES));
        decipher.setAAD(session).setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        const opened = [decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()];
        return Buffer.concat(opened).toString("utf8");
      } catch {
        // It does not authenticate.
        return undefined;
      }
    },
  };
}
