import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { SpineError } from "#core/errors.ts";
import { parseSessionKey, sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Digest } from "#ports/secrets.ts";
import type { Marker, StoredCommit, StreamRecord } from "#ports/session-log.ts";
import type { CommitRef } from "#ports/queues.ts";
import { packText, unpackText } from "./commit-codec.ts";
import { CommitCodec, ItemKind, MARKER_PARTITION } from "../names.ts";

type Item = Readonly<Record<string, AttributeValue>>;
type StoredItem = Record<string, AttributeValue>;

/** Neither part of a session key can contain "/" or "#": no session's partition is another's, or a marker's. */
export const partitionOf = (key: SessionKey): string => sessionKeyText(key);

export function commitItem(
  key: SessionKey,
  { first, last, text, snapshot }: StoredCommit,
  codec: CommitCodec = CommitCodec.deflate1,
): StoredItem {
  return {
    pk: { S: partitionOf(key) },
    sk: { N: String(first) },
    kind: { S: ItemKind.commit },
    last: { N: String(last) },
    ...packText(text, codec),
    snapshot: { BOOL: snapshot },
  };
}

export const readCommitItem = (item: Item): StoredCommit => readCommitText(item, unpackText(item));

/** A commit whose text is not taken from its item. */
export const readCommitText = (item: Item, text: string): StoredCommit => ({
  first: numberIn(item, "sk"),
  last: numberIn(item, "last"),
  text,
  snapshot: item["snapshot"]?.BOOL === true,
});

/** A commit with its session: an item of the table, or the new image that its stream hands on. */
export function readStreamImage(image: Item): StreamRecord {
  const { tenant, session } = readCommitRef(image);
  return { tenant, session, commit: readCommitItem(image) };
}

/** Where a commit stands. Can be read where its text cannot. */
export function readCommitRef(item: Item): CommitRef {
  const [tenant, session] = textIn(item, "pk").split("/");
  return { ...parseSessionKey({ tenant, session }), first: numberIn(item, "sk") };
}

/** An item as JSON carries it, to Lambda or on the wire: binary values are base64 there. */
export function itemOfJson(json: Readonly<Record<string, object>>): Item {
  const values = Object.entries(json).map(([name, value]) => [
    name,
    "B" in value && typeof value.B === "string" ? { B: Buffer.from(value.B, "base64") } : value,
  ]);
  // Else the forms are the same, and what is read of an item is checked where it is read.
  return Object.fromEntries(values) as Item;
}

/** Source and id are free texts: hashed, they fit a key (2,048 bytes) and cannot be mixed up. */
export function markerKey(key: SessionKey, source: string, id: string, digest: Digest): StoredItem {
  const hash = digest.sha256(JSON.stringify([source, id]));
  return { pk: { S: `${partitionOf(key)}${MARKER_PARTITION}${hash}` }, sk: { N: "0" } };
}

export function markerItem(key: SessionKey, marker: Marker, digest: Digest): StoredItem {
  const { source, id, hash, sequence } = marker;
  return {
    ...markerKey(key, source, id, digest),
    kind: { S: ItemKind.marker },
    source: { S: source },
    id: { S: id },
    hash: { S: hash },
    sequence: { N: String(sequence) },
  };
}

export function readMarkerItem(item: Item): Marker {
  return {
    source: textIn(item, "source"),
    id: textIn(item, "id"),
    hash: textIn(item, "hash"),
    sequence: numberIn(item, "sequence"),
  };
}

export function textIn(item: Item, name: string): string {
  const value = item[name]?.S;
  if (value === undefined) throw corrupt(name, "text");
  return value;
}

function numberIn(item: Item, name: string): number {
  const value = Number(item[name]?.N);
  if (!Number.isSafeInteger(value)) throw corrupt(name, "whole number");
  return value;
}

const corrupt = (name: string, what: string): SpineError =>
  new SpineError("log.corrupt", `An item of the log's table has no ${what} "${name}".`);
