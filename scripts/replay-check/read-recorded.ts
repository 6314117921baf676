import { readFileSync, statSync } from "node:fs";
import { parseSessionKey } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import {
  parseRecordedSession,
  RECORDED_FORMAT,
  type RecordedSession,
} from "#core/session/recorded-session.ts";
import { readDump } from "#local/check-log/read-dump.ts";

/** Reads an exported session, or every session of a dump, a local spine's folder or a durable log's file. */
export async function readRecorded(file: string): Promise<readonly RecordedSession[]> {
  const exported = readExported(file);
  if (exported !== undefined) return [exported];
  const { sessions } = await readDump(file);
  return sessions.map(({ tenant, session, commits }) => {
    const key = parseSessionKey({ tenant, session });
    let next = 1;
    const parsed = commits.map((text) => {
      const { last } = JSON.parse(text) as { readonly last: number };
      const commit = parseCommit(key, { first: next, last, text });
      next = last + 1;
      return commit;
    });
    return { format: RECORDED_FORMAT, ...key, redacted: false, commits: parsed };
  });
}

/** The session of a file that `spine export` wrote; `undefined` for any other. */
function readExported(file: string): RecordedSession | undefined {
  if (!file.endsWith(".json") || !statSync(file, { throwIfNoEntry: false })?.isFile()) return undefined;
  const text = readFileSync(file, "utf8");
  if (!text.startsWith(`{"format":`)) return undefined;
  try {
    return parseRecordedSession(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
