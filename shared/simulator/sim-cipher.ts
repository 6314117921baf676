import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Digest, Cipher } from "#ports/secrets.ts";

/** No secret is kept here: what is sealed only reads otherwise, and names its session and its place there. */
export const createSimCipher = (key: SessionKey, digest: Digest): Cipher => ({
  seal: (text, place) => sealedText(sessionKeyText(key), place, text),
  open: (sealed, place) => openedText(sealed, place, sessionKeyText(key)),
  digest: (text) => digest.sha256(`${sessionKeyText(key)}\n${text}`),
});

const sealedText = (session: string, place: string, text: string): string =>
  Buffer.from(JSON.stringify([session, place, text])).toString("base64url");

/** The same for whoever reads every session; nothing for what was not sealed at this place. */
export function openedText(sealed: string, place: string, session?: string): string | undefined {
  try {
    // Whatever it is, it is compared.
    const [own, at, text] = JSON.parse(Buffer.from(sealed, "base64url").toString()) as readonly unknown[];
    const isOurs =
      (at === place || at === ANYWHERE) && (session === undefined || own === session || own === ANYWHERE);
    return isOurs && typeof text === "string" ? text : undefined;
  } catch {
    return undefined;
  }
}

const ANYWHERE = "anywhere";

/** What opens everywhere: no cipher is so bad, and a marker of somebody else must not be opened all the same. */
export const sealedAnywhere = (text: string): string => sealedText(ANYWHERE, ANYWHERE, JSON.stringify(text));
