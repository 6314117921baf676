import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packText, unpackText, type PackedText } from "#aws/dynamo/commit-codec.ts";
import { COMMIT_WORDS_1 } from "#aws/dynamo/commit-words.ts";
import { CommitCodec } from "#aws/names.ts";
import { isSpineError } from "#core/errors.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { textOf } from "../architecture/source.ts";

const { deflate1 } = CommitCodec;
const recorded = JSON.parse(textOf("test/golden/urgent-and-people.json")) as {
  readonly commits: readonly string[];
};
const [commit = "", ...others] = recorded.commits;
const words = Buffer.from(COMMIT_WORDS_1);
const packedItem = (B: Uint8Array, codec: string = deflate1): PackedText => ({
  text: { B },
  codec: { S: codec },
});
const bytesOf = (item: PackedText): Uint8Array => item["text"]?.B ?? new Uint8Array();
const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return isSpineError(error) ? error.code : error;
  }
};

describe("the text of a commit in its item", () => {
  it("is restored exactly, whatever it is and however it is packed", () => {
    const texts = fc.oneof(fc.json(), fc.string({ unit: "grapheme" }), fc.constantFrom(commit, ...others));
    const codecs = fc.constantFrom(...Object.values(CommitCodec));
    fc.assert(
      fc.property(texts, codecs, (text, codec) => {
        expect(unpackText(packText(text, codec))).toBe(text);
      }),
    );
  });

  it("never takes more space than the text itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        const item = packText(text, deflate1);
        const room = (item["text"]?.S ?? "").length + bytesOf(item).length + (item["codec"]?.S ?? "").length;
        expect(room).toBeLessThanOrEqual(Buffer.byteLength(text));
      }),
    );
  });

  it("takes less than half the space for a commit", () => {
    for (const text of recorded.commits)
      expect(bytesOf(packText(text, deflate1)).length).toBeLessThan(Buffer.byteLength(text) / 2);
  });

  it("is stored plain when the deployment says so, or when packing would not make it smaller", () => {
    expect(packText(commit, CommitCodec.plain)).toEqual({ text: { S: commit } });
    expect(packText("{}", deflate1)).toEqual({ text: { S: "{}" } });
  });

  it("is detected as damaged for any changed byte", () => {
    const packed = bytesOf(packText(commit, deflate1));
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Uint8Array.from(packed, (byte, index) => (index === at ? byte ^ change : byte));
        expect([commit, "log.corrupt"]).toContain(codeOf(() => unpackText(packedItem(damaged))));
      }),
      { numRuns: 300 },
    );
    for (const length of [0, 1, packed.length - 1])
      expect(codeOf(() => unpackText(packedItem(packed.slice(0, length))))).toBe("log.corrupt");
  });

  it.each([
    ["packed bytes without a codec", { text: { B: Buffer.from("{}") } }],
    ["no text at all", {}],
    [
      "bytes that are no text",
      packedItem(deflateSync(Buffer.from([0xff, 0xfe, 0xfd]), { dictionary: words })),
    ],
    ["bytes of another dictionary", packedItem(deflateSync(commit, { dictionary: Buffer.from("other") }))],
  ])("is corrupt with %s", (_what, item) => {
    expect(codeOf(() => unpackText(item))).toBe("log.corrupt");
  });

  it("is corrupt when it unpacks to more than an item can hold, and such a text is never packed", () => {
    const tooLong = "a".repeat(400 * 1024 + 1);
    expect(codeOf(() => unpackText(packedItem(deflateSync(tooLong, { dictionary: words }))))).toBe(
      "log.corrupt",
    );
    const bomb = deflateSync(Buffer.alloc(20_000_000), { dictionary: words });
    expect(codeOf(() => unpackText(packedItem(bomb)))).toBe("log.corrupt");
    expect(packText(tooLong, deflate1)).toEqual({ text: { S: tooLong } });
    expect(unpackText(packText(tooLong.slice(1), deflate1))).toBe(tooLong.slice(1));
  });

  it("with an unknown codec belongs to another version", () => {
    expect(codeOf(() => unpackText(packedItem(Buffer.from("{}"), "zstd-9")))).toBe("log.other-version");
    expect(codeOf(() => unpackText(packedItem(Buffer.from("{}"), "constructor")))).toBe("log.other-version");
  });

  it("stays readable: a codec's dictionary never changes", () => {
    expect(createNodeDigest().sha256(COMMIT_WORDS_1)).toBe("EM5WNqT8Wu41wIfmxL9ma24QQBCk0EwEoYgcmxmxl-Y");
    const stored = "eLtYHJxvw1sdJCbnpiphy914Sp0iXUOl2trYWgBQLB2v";
    expect(unpackText(packedItem(Buffer.from(stored, "base64")))).toBe(
      '{"schemaVersion":1,"tenant":"acme","events":[{"type":"RunStarted","data":{"run":"r-1"}}]}',
    );
  });
});
