import { isSpineError, messageOf, SpineError } from "../errors.ts";
import type { SessionKey } from "../ids.ts";
import { isJsonObject } from "../json.ts";
import { SCHEMA_VERSION, type Commit } from "./commit.ts";
import type { RecordedEvent } from "./events.ts";
import { expiredSession, readTombstone } from "./tombstone.ts";

/** The one text of a commit: what is stored, and what is hashed. */
export function serializeCommit(commit: Commit): string {
  return JSON.stringify(commit);
}

interface Stored {
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

/**
 * Reads a stored commit and checks that it is one of this session, at its place, without a gap inside.
 * Throws `log.corrupt`, `log.other-version`, retryable, for a form that is newer than this version, or `session.expired` for what is a
 * tombstone: whatever reads a log learns of it here.
 */
export function parseCommit(key: SessionKey, stored: Stored): Commit {
  const tombstone = readTombstone(key, stored.text);
  if (tombstone !== undefined) throw expiredSession(tombstone);
  try {
    const value: unknown = JSON.parse(stored.text);
    if (!isJsonObject(value)) throw corrupt("it is not an object");
    checkForm(value["schemaVersion"], stored.first);
    // The shape is checked below where a mistake could go unnoticed; the hash chain vouches for the rest.
    const commit = value as unknown as Commit;
    if (commit.tenant !== key.tenant || commit.session !== key.session)
      throw corrupt("it belongs to another session");
    if (commit.first !== stored.first || commit.last !== stored.last)
      throw corrupt("its position differs from where it is stored");
    if (!isContiguous(commit.events, commit.first, commit.last))
      throw corrupt("its events are not numbered consecutively");
    return commit;
  } catch (error) {
    if (isSpineError(error, "log.other-version")) throw error;
    throw new SpineError(
      "log.corrupt",
      `Commit ${stored.first} of ${key.tenant}/${key.session} cannot be read: ${messageOf(error)}.`,
      { cause: error },
    );
  }
}

/** A newer form is read by a function that is newer, which a deployment may bring any moment. */
function checkForm(form: unknown, first: number): void {
  if (typeof form !== "number" || !Number.isInteger(form) || form < 1) throw corrupt("it has no form");
  if (form > SCHEMA_VERSION)
    throw new SpineError(
      "log.other-version",
      `Commit ${first} has form ${form}; this version reads forms 1 to ${SCHEMA_VERSION}.`,
      { retryable: true },
    );
}

const corrupt = (problem: string): SpineError => new SpineError("log.corrupt", problem);

function isContiguous(events: readonly RecordedEvent[], first: number, last: number): boolean {
  return (
    events.length === last - first + 1 && events.every(({ sequence }, index) => sequence === first + index)
  );
}
