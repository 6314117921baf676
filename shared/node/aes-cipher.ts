import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import type { SessionKey } from "#core/ids.ts";
import { sessionKeyText } from "#core/ids.ts";
import type { Cipher } from "#ports/secrets.ts";

const ALGORITHM = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Before what is bound to its location; a dot is no character of the rest. Without it stands what an earlier version sealed. */
const LOCATED = "2.";

/**
 * AES-256-GCM with a new nonce for each text; bound to its session and its location there, so that no text passes for one of another
 * session or stands for another value.
 */
export function createAesCipher(dataKey: Uint8Array, key: SessionKey): Cipher {
  const session = Buffer.from(sessionKeyText(key), "utf8");
  const boundTo = (location: string) => Buffer.from(`${sessionKeyText(key)}\n${location}`, "utf8");
  return {
    seal(text, location) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, dataKey, iv).setAAD(boundTo(location));
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return LOCATED + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
    },
    open(text, location) {
      const located = text.startsWith(LOCATED);
      const sealed = Buffer.from(located ? text.slice(LOCATED.length) : text, "base64url");
      if (sealed.length < IV_BYTES + TAG_BYTES) return undefined;
      try {
        const decipher = createDecipheriv(ALGORITHM, dataKey, sealed.subarray(0, IV_BYTES));
        decipher.setAAD(located ? boundTo(location) : session);
        decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        const opened = [decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()];
        return Buffer.concat(opened).toString("utf8");
      } catch {
        // It does not authenticate.
        return undefined;
      }
    },
    digest: (text) =>
      createHmac("sha256", Buffer.from(hkdfSync("sha256", dataKey, session, "digests", 32)))
        .update(text, "utf8")
        .digest("base64url"),
  };
}
