import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Engine } from "./engine.ts";
import { ERASED_DIGEST } from "./keyed-inputs.ts";

export type NamingPorts = Pick<Engine, "digest" | "ids" | "personal">;

/**
 * The key of a session's blob, which follows from its text: writing it again writes the same. Where values are personal it follows from
 * the session's key as well, so that the name tells nothing of the text; for a session whose key is gone it is any.
 */
export async function blobName(
  { digest, ids, personal }: NamingPorts,
  kind: "snapshots" | "views",
  key: SessionKey,
  text: string,
): Promise<string> {
  const plain = digest.sha256(text);
  const keyed = (await personal?.digests(key))?.(plain) ?? plain;
  const name = keyed === ERASED_DIGEST ? digest.sha256(ids.next()) : keyed;
  return `${kind}/${sessionKeyText(key)}/${name}`;
}
