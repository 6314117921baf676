import type { SQLOutputValue } from "node:sqlite";
import { SpineError } from "#core/errors.ts";
import { parseSessionKey, type SessionKey } from "#core/ids.ts";
import type { StoredCommit } from "#ports/session-log.ts";

export type Row = Readonly<Record<string, SQLOutputValue>>;

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw unreadable(column);
}

export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === "number") return value;
  throw unreadable(column);
}

/** Frozen, since it may be handed out again. */
export function commitOf(row: Row): StoredCommit {
  return Object.freeze({
    first: number(row, "first"),
    last: number(row, "last"),
    text: text(row, "text"),
    snapshot: number(row, "snapshot") === 1,
  });
}

export function keyOf(row: Row): SessionKey {
  return parseSessionKey({ tenant: row["tenant"], session: row["session"] });
}

function unreadable(column: string): SpineError {
  return new SpineError("log.corrupt", `A row of the session log has no readable "${column}".`);
}
