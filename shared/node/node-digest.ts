import { hash } from "node:crypto";
import type { Digest } from "#ports/secrets.ts";

/** SHA-256 by Node. */
export function createNodeDigest(): Digest {
  return { sha256: (text) => hash("sha256", text, "base64url") };
}
