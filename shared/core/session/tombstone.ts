import { SpineError } from "../errors.ts";
import { sessionKeyText, type SessionKey } from "../ids.ts";
import { isoTime } from "./iso-time.ts";
import { isIdle, type SessionState } from "./state.ts";

/** What stays of a finished session after its retention: it stands in the log at the sequence after the last event. */
export interface Tombstone extends SessionKey {
  /** Where it stands. */
  readonly first: number;
  /** Hash of the last commit: whoever keeps a copy of the log can still prove what its end was. */
  readonly previous: string;
  /** When the session committed last, ms. */
  readonly endedAt: number;
  /** When it was written, ms. */
  readonly expiredAt: number;
  /** Why an operator had it erased; absent where its retention ended it. */
  readonly erased?: string;
  /** Sessions that were forked from it: they have copies of what it held. @default none was */
  readonly forks?: readonly string[];
  /** When nothing can come any longer that must not find an empty log, ms. */
  readonly until: number;
}

const DAY_MS = 86_400_000;

/** How long a tombstone stays: longer than any letter (45 days), message (14) or backup of the table (35). */
export const TOMBSTONE_MS = 90 * DAY_MS;

/** What a tombstone's text begins with, and no commit's: one look tells the two apart. */
export const TOMBSTONE_HEAD = '{"tombstone":';

/** Whether a stored text is a tombstone's. */
export const isTombstone = (text: string): boolean => text.startsWith(TOMBSTONE_HEAD);

export function serializeTombstone({
  tenant,
  session,
  first,
  previous,
  endedAt,
  expiredAt,
  until,
  erased,
  forks,
}: Tombstone): string {
  // A field without a value is none in the text.
  return JSON.stringify({
    tombstone: { tenant, session, first, previous, endedAt, expiredAt, until, erased, forks },
  });
}

/** The tombstone that a stored text is; `undefined` for a commit. Throws `log.corrupt` where it is damaged or elsewhere's. */
export function readTombstone(key: SessionKey, text: string): Tombstone | undefined {
  if (!isTombstone(text)) return undefined;
  let cause: unknown;
  try {
    // Written by us: whose it is could be mistaken, the rest could not.
    const { tombstone } = JSON.parse(text) as { readonly tombstone: Tombstone };
    if (tombstone.tenant === key.tenant && tombstone.session === key.session) return tombstone;
  } catch (error) {
    cause = error;
  }
  throw new SpineError("log.corrupt", `The tombstone of ${sessionKeyText(key)} cannot be read.`, { cause });
}

/** Says of a session that only its tombstone is left. */
export function expiredSession({ session, first, endedAt, expiredAt, erased }: Tombstone): SpineError {
  const why = erased === undefined ? "under its tenant's retention" : "at an operator's request";
  return new SpineError(
    "session.expired",
    `Session ${session} ended at sequence ${first - 1} on ${isoTime(endedAt)}, and its log was deleted on ${isoTime(expiredAt)} ${why}. Begin a new session.`,
    { details: { erased: erased !== undefined } },
  );
}

/**
 * When a session's time is over, as far as can be said now: `retentionMs` after its last commit, if nothing is under way in
 * it. While something is, another commit will come, and the time begins with that one.
 */
export function expiryOf(state: SessionState, retentionMs: number, now: number): number {
  return (isIdle(state) ? state.time : Math.max(state.time, now)) + retentionMs;
}
