import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { SpineError } from "#core/errors.ts";
import { parseSessionKey, sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { Digest } from "#ports/digest.ts";
import type { Marker, StoredCommit, StreamRecord } from "#ports/session-log.ts";
import { ItemKind, MARKER_PARTITION } from "./names.ts";

type Item = Readonly<Record<string, AttributeValue>>;
type StoredItem = Record<string, AttributeValue>;

/** Neither part of a session key can contain "/" or "#": no session's partition is another's, or a marker's. */
export const partitionOf = (key: SessionKey): string => sessionKeyText(key);

export function commitItem(key: SessionKey, { first, last, text, snapshot }: StoredCommit): StoredItem {
  return {
    pk: { S: partitionOf(key) },
    sk: { N: String(first) },
    kind: { S: ItemKind.commit },
    last: { N: String(last) },
    text: { S: text },
    snapshot: { BOOL: snapshot },
  };
}

export function readCommitItem(item: Item): StoredCommit {
  return {
    first: numberIn(item, "sk"),
    last: numberIn(item, "last"),
    text: textIn(item, "text"),
    snapshot: item["snapshot"]?.BOOL === true,
  };
}

/** A commit as the table's stream hands it on (new image). */
export function readStreamImage(image: Item): StreamRecord {
  const [tenant, session] = textIn(image, "pk").split("/");
  return { ...parseSessionKey({ tenant, session }), commit: readCommitItem(image) };
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
