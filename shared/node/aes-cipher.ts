import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import type { SessionKey } from "#core/ids.ts";
import { sessionKeyText } from "#core/ids.ts";
import type { Cipher } from "#ports/secrets.ts";

const ALGORITHM = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Before what is bound to its place; a dot is no character of the rest. Without it stands what an earlier version sealed. */
const PLACED = "2.";

/**
 * AES-256-GCM with a new nonce for each text; bound to its session and its place there, so that no text passes for one of another
 * session or stands for another value.
 */
export function createAesCipher(dataKey: Uint8Array, key: SessionKey): Cipher {
  const session = Buffer.from(sessionKeyText(key), "utf8");
  const boundTo = (place: string) => Buffer.from(`${sessionKeyText(key)}\n${place}`, "utf8");
  return {
    seal(text, place) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, dataKey, iv).setAAD(boundTo(place));
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return PLACED + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
    },
    open(text, place) {
      const placed = text.startsWith(PLACED);
      const sealed = Buffer.from(placed ? text.slice(PLACED.length) : text, "base64url");
      if (sealed.length < IV_BYTES + TAG_BYTES) return undefined;
      try {
        const decipher = createDecipheriv(ALGORITHM, dataKey, sealed.subarray(0, IV_BYTES));
        decipher.setAAD(placed ? boundTo(place) : session);
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
