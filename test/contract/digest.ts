import { describe, expect, it } from "vitest";
import type { Digest } from "#ports/secrets.ts";

/** Holds an implementation of Digest to known values of SHA-256. */
export function describeDigest(name: string, digest: Digest): void {
  describe(`digest: ${name}`, () => {
    const known: readonly (readonly [string, string])[] = [
      ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
      ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
      [
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
      ],
      ["ä€😀", "819fe77d1c7897c4c541e21c63d27154d46e12cc65074d8d9c874626a40a6074"],
      ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
    ];

    it.each(known)("returns the known value of %.20j", (text, hex) => {
      expect(digest.sha256(text)).toBe(Buffer.from(hex, "hex").toString("base64url"));
    });

    it("has 43 characters of base64url", () => {
      for (const text of ["1", "2", "3", "ä"]) expect(digest.sha256(text)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    });
  });
}
