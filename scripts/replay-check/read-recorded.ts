import { readFileSync, statSync } from "node:fs";
import type { CompiledFlow } from "#core/flow/plan.ts";
import { parseSessionKey } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import { parseRecordedSession, type RecordedSession } from "#core/session/recorded-session.ts";
import { RECORDED_FORMAT } from "#core/session/recorded-format.ts";
import { withFlows } from "#core/session/stored-flows.ts";
import { readDump } from "#local/check-log/read-dump.ts";
import { createNodeDigest } from "#node/node-digest.ts";

const digest = createNodeDigest();

/** Reads an exported session, or every session of a dump, a local spine's folder or a durable log's file. */
export async function readRecorded(file: string): Promise<readonly RecordedSession[]> {
  const exported = readExported(file);
  if (exported !== undefined) return [exported];
  const { sessions, flows } = await readDump(file);
  const stored = flows.map((text) => ({
    hash: digest.sha256(text),
    // A flow that is not what its hash says is one that no commit names.
    flow: JSON.parse(text) as CompiledFlow,
  }));
  return sessions.map(({ tenant, session, commits }) => {
    const key = parseSessionKey({ tenant, session });
    let next = 1;
    const parsed = commits.map((text) => {
      const { last } = JSON.parse(text) as { readonly last: number };
      const commit = parseCommit(key, { first: next, last, text });
      next = last + 1;
      return withFlows(commit, stored);
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
