import { messageOf, SpineError } from "../errors.ts";
import { parseSessionKey, type SessionKey } from "../ids.ts";
import { isJsonObject, type Json } from "../json.ts";
import { parseCommit } from "./codec.ts";
import type { Commit } from "./commit.ts";
import { commitValues } from "./personal/commit-values.ts";
import { ERASED_VALUE } from "./personal/markers.ts";
import { personalValues } from "./personal/personal-values.ts";
import { RECORDED_FORMAT } from "./recorded-format.ts";

/** A session's whole log in a file: all that it takes to decide it again. */
export interface RecordedSession {
  readonly format: typeof RECORDED_FORMAT;
  readonly tenant: string;
  readonly session: string;
  /** Personal values were left out: they read as erased. */
  readonly redacted: boolean;
  readonly commits: readonly RecordedCommit[];
}

/** A commit without its snapshot, which is the fold of what stands before it. */
export type RecordedCommit = Omit<Commit, "snapshot">;

/** A commit as it is recorded: the values that its session has declared to be personal are in it only where they are asked for. */
export function recordedCommit({ snapshot: _, ...commit }: Commit, withPersonal: boolean): RecordedCommit {
  const { personal } = commit.seen;
  return withPersonal || personal === undefined
    ? commit
    : commitValues(
        commit,
        personalValues(personal, () => ERASED_VALUE),
      );
}

/** Reads a recorded session. Throws `input.malformed`, naming the field. */
export function parseRecordedSession(value: unknown): RecordedSession {
  if (!isJsonObject(value as Json) || (value as RecordedSession).format !== RECORDED_FORMAT)
    throw malformed("format", `is not "${RECORDED_FORMAT}"`);
  // Looked at field by field from here on.
  const { tenant, session, redacted, commits } = value as Partial<Record<keyof RecordedSession, unknown>>;
  if (typeof redacted !== "boolean") throw malformed("redacted", "is not a boolean");
  if (!Array.isArray(commits)) throw malformed("commits", "is not a list");
  const key = keyOf(tenant, session);
  let after = 0;
  const parsed = commits.map((commit: unknown, at) => {
    const field = `commits.${at}`;
    const read = commitOf(key, commit, field);
    const { first, last } = read;
    if (first !== after + 1) throw malformed(field, `begins at event ${first} where ${after + 1} is next`);
    after = last;
    return read;
  });
  return { format: RECORDED_FORMAT, ...key, redacted, commits: parsed };
}

function commitOf(key: SessionKey, commit: unknown, field: string): Commit {
  try {
    const { first, last } = commit as Commit; // all of it is looked at below
    return parseCommit(key, { first, last, text: JSON.stringify(commit) });
  } catch (error) {
    throw malformed(field, messageOf(error).replace(/\.$/, ""));
  }
}

function keyOf(tenant: unknown, session: unknown): SessionKey {
  if (typeof tenant !== "string") throw malformed("tenant", "is not a text");
  if (typeof session !== "string") throw malformed("session", "is not a text");
  return parseSessionKey({ tenant, session });
}

function malformed(field: string, problem: string): SpineError {
  const repair = "Give a file that `spine export` wrote.";
  return new SpineError("input.malformed", `${field}: ${problem}. ${repair}`, {
    problems: [{ field, problem, repair }],
  });
}
