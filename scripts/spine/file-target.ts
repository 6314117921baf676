import { messageOf } from "#core/errors.ts";
import { canonicalText } from "#core/flow/flow-text.ts";
import { indexApplication } from "#core/flow/application.ts";
import { parseSessionKey, parseTenantId } from "#core/ids.ts";
import { serializeCommit } from "#core/session/codec.ts";
import type { RecordedSession } from "#core/session/recorded-session.ts";
import { flowsWithin, withFlowsNamed } from "#core/session/stored-flows.ts";
import { summarize, type Summary } from "#core/session/summary/summary.ts";
import { createMemoryAgentHealth } from "#memory/memory-agent-health.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createMemoryHeartbeats } from "#memory/memory-heartbeats.ts";
import { createMemorySessionIndex } from "#memory/memory-session-index.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createRandomIds } from "#node/random-ids.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { createListedReads } from "#runtime/doors/http/listed-reads.ts";
import { problemResponse } from "#runtime/doors/http/problem.ts";
import type { Engine } from "#runtime/session/engine.ts";
import type { ApiRequest } from "#client/call.ts";
import type { Target } from "#client/reaching.ts";
import { UsageError } from "#client/usage-error.ts";
import { readRecorded } from "../replay-check/read-recorded.ts";

/**
 * The sessions of a file, to be read as those of a spine are, without one: of `export`, of a replay's dump, of a local spine's folder. Nothing of them
 * goes on, and nothing is written.
 */
export async function fileTarget(file: string): Promise<Target> {
  const sessions = await recordedIn(file);
  const [first] = sessions;
  if (first === undefined)
    throw new UsageError(`--file: ${file} holds no session. Give one that export wrote.`);
  const engine = await engineOf(sessions);
  const index = createMemorySessionIndex();
  for (const { tenant, session, commits } of sessions) {
    const told = commits.reduce<Summary | undefined>(summarize, undefined);
    if (told !== undefined) await index.put(parseSessionKey({ tenant, session }), told);
  }
  const listed = createListedReads(engine, index);
  const handle = createHttpIngress(engine, { listed: () => Promise.resolve(listed) });
  const caller = { tenant: parseTenantId(first.tenant), source: "file", rights: ["read"] as const };
  const call = async ({ method, path, headers = {}, body = "" }: ApiRequest) => {
    if (method !== "GET") return onlyRead(file);
    const { pathname, searchParams } = new URL(path, "http://file");
    return handle({ method, path: pathname, query: Object.fromEntries(searchParams), headers, body, caller });
  };
  return { where: `The file ${file}`, call, prefix: "file", environment: {} };
}

async function recordedIn(file: string): Promise<readonly RecordedSession[]> {
  try {
    return await readRecorded(file);
  } catch (cause) {
    throw new UsageError(`--file: ${messageOf(cause)}`, { cause });
  }
}

/** Reads need a log and its flows; whatever else an engine has is there and does nothing. */
async function engineOf(sessions: readonly RecordedSession[]): Promise<Engine> {
  const log = createMemorySessionLog();
  for (const { tenant, session, commits } of sessions) {
    const key = parseSessionKey({ tenant, session });
    for (const commit of commits) {
      for (const { hash, flow } of flowsWithin(commit)) await log.flows.put(hash, canonicalText(flow));
      const { first, last } = commit;
      await log.append(key, { first, last, text: serializeCommit(withFlowsNamed(commit)), snapshot: false });
    }
  }
  const clock = createSystemClock();
  return {
    application: indexApplication({ contracts: [], flows: [], events: {}, answers: {} }),
    log,
    blobs: createMemoryBlobs(),
    dispatch: { send: () => Promise.resolve() },
    health: createMemoryAgentHealth(clock),
    heartbeats: createMemoryHeartbeats(clock),
    clock,
    ids: createRandomIds(),
    digest: createNodeDigest(),
    tokens: { issue: () => Promise.resolve(""), verify: () => Promise.resolve(false) },
  };
}

const onlyRead = (file: string) =>
  problemResponse(405, {
    code: "http.method",
    detail: `${file} can only be read. Name the spine in which its session goes on.`,
    problems: [{ field: "--file", problem: "can only be read", repair: "Leave it out, and name a spine." }],
  });
