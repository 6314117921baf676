import { Buffer } from "node:buffer";
import { deflateSync, inflateSync } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { messageOf, SpineError } from "#core/errors.ts";
import { COMMIT_WORDS_1 } from "./commit-words.ts";
import { CommitCodec } from "../names.ts";
import { MAX_ITEM_BYTES } from "../service-limits.ts";

/**
 * Bytes of the largest item that DynamoDB takes. A longer text never stood in the log: it is not written, and what claims
 * to be one when it is unpacked is no commit.
 */
const MAX_TEXT_BYTES = MAX_ITEM_BYTES;

interface Codec {
  pack(text: Uint8Array): Uint8Array;
  /** Throws where the bytes are damaged, or unpack to more than `maxOutputLength` bytes. */
  unpack(packed: Uint8Array, maxOutputLength: number): Uint8Array;
}

const words1 = Buffer.from(COMMIT_WORDS_1);
// In zlib's envelope: its checksum finds damaged bytes, its dictionary id a wrong dictionary.
const CODECS: ReadonlyMap<string, Codec> = new Map([
  [
    CommitCodec.deflate1,
    {
      pack: (text: Uint8Array) => deflateSync(text, { dictionary: words1 }),
      unpack: (packed: Uint8Array, maxOutputLength: number) =>
        inflateSync(packed, { dictionary: words1, maxOutputLength }),
    },
  ],
]);

/** Attributes of an item that hold a commit's text. */
export type PackedText = Readonly<Record<string, AttributeValue>>;

const NAME = "codec";

/** Packs a text where that makes it smaller; else it stays as it is. */
export function packText(text: string, codec: CommitCodec): PackedText {
  const plain = Buffer.from(text);
  const chosen = CODECS.get(codec);
  if (chosen === undefined || plain.length > MAX_TEXT_BYTES) return { text: { S: text } };
  const packed = chosen.pack(plain);
  return packed.length + NAME.length + codec.length < plain.length
    ? { text: { B: packed }, [NAME]: { S: codec } }
    : { text: { S: text } };
}

/** Throws `log.corrupt` for what no text can be made of, `log.other-version` for a codec that this version does not have. */
export function unpackText({ text, [NAME]: name }: Readonly<Record<string, AttributeValue>>): string {
  if (text?.S !== undefined) return text.S;
  if (text?.B === undefined || name?.S === undefined)
    throw new SpineError("log.corrupt", 'An item of the log\'s table has no text "text".');
  const codec = CODECS.get(name.S);
  if (codec === undefined) {
    const known = [...CODECS.keys()].join(", ");
    throw new SpineError(
      "log.other-version",
      `A commit is packed by the codec ${name.S}; this version reads ${known} and plain texts.`,
      { retryable: true },
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(codec.unpack(text.B, MAX_TEXT_BYTES));
  } catch (error) {
    throw new SpineError(
      "log.corrupt",
      `The packed text of a commit cannot be unpacked: ${messageOf(error)}.`,
      {
        cause: error,
      },
    );
  }
}
