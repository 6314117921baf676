import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Digest, Cipher } from "#ports/secrets.ts";

/** No secret is kept here: what is sealed only reads otherwise, and names its session and its location there. */
export const createSimCipher = (key: SessionKey, digest: Digest): Cipher => ({
  seal: (text, location) => sealedText(sessionKeyText(key), location, text),
  open: (sealed, location) => openedText(sealed, location, sessionKeyText(key)),
  digest: (text) => digest.sha256(`${sessionKeyText(key)}\n${text}`),
});

const sealedText = (session: string, location: string, text: string): string =>
  Buffer.from(JSON.stringify([session, location, text])).toString("base64url");

/** The same for whoever reads every session; nothing for what was not sealed at this location. */
export function openedText(sealed: string, location: string, session?: string): string | undefined {
  try {
    // Whatever it is, it is compared.
    const [own, at, text] = JSON.parse(Buffer.from(sealed, "base64url").toString()) as readonly unknown[];
    const isOurs =
      (at === location || at === ANYWHERE) && (session === undefined || own === session || own === ANYWHERE);
    return isOurs && typeof text === "string" ? text : undefined;
  } catch {
    return undefined;
  }
}

const ANYWHERE = "anywhere";

/** What opens everywhere: no cipher is so bad, and a marker of somebody else must not be opened all the same. */
export const sealedAnywhere = (text: string): string => sealedText(ANYWHERE, ANYWHERE, JSON.stringify(text));
