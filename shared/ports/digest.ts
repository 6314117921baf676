/** SHA-256 of a text's UTF-8 bytes, as 43 characters of base64url. A port because the core has no platform. */
export interface Digest {
  sha256(text: string): string;
}
