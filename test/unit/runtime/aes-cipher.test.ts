import { createCipheriv, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createAesCipher } from "#node/aes-cipher.ts";
import { sessionKey } from "./engine.ts";

describe("a value sealed by an earlier version", () => {
  it("opens at any place, because it is bound to its session only", () => {
    const dataKey = randomBytes(32);
    const iv = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", dataKey, iv).setAAD(Buffer.from("acme/visit"));
    const sealed = Buffer.concat([cipher.update('"Ada"', "utf8"), cipher.final()]);
    const text = Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
    const own = createAesCipher(dataKey, sessionKey("visit"));
    expect(own.open(text, "anywhere")).toBe('"Ada"');
    expect(createAesCipher(dataKey, sessionKey("other")).open(text, "anywhere")).toBeUndefined();
    // And nothing passes for it that is bound to a place.
    const placed = own.seal('"Ada"', "here");
    expect(own.open(placed.slice(2), "here")).toBeUndefined();
    expect(own.open(`2.${text}`, "anywhere")).toBeUndefined();
  });
});
