import type { SessionKey } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import type { Commit } from "#core/session/commit.ts";
import { flowsApart } from "#core/session/stored-flows.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createWholeCommits } from "#runtime/session/known-flows.ts";
import type { EnumerableSessionLog, StoredCommit } from "#ports/session-log.ts";
import { checkLog } from "#local/check-log/check-log.ts";
import type { SentInput } from "#local/check-log/dump.ts";
import { flowsOf } from "../replay/dump-log.ts";

/** One session in numbers, read from the log. */
export interface SessionReport {
  readonly session: string;
  readonly events: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly replies: number;
  /** From its first commit to its last. */
  readonly ms: number;
}

export interface LogReport {
  readonly sessions: number;
  readonly replies: number;
  readonly gaps: number;
  readonly duplicates: number;
  readonly lost: number;
}

export interface StoredSession {
  readonly key: SessionKey;
  readonly stored: readonly StoredCommit[];
  /** With the flows that they name. */
  readonly commits: readonly Commit[];
  /** The texts of these flows. */
  readonly flows: readonly string[];
}

const PAGE = 100;

/** Every session of a log with all its commits. */
export async function readLog(log: EnumerableSessionLog): Promise<readonly StoredSession[]> {
  return Promise.all((await log.sessions()).map((key) => readStored(log, key)));
}

export async function readStored(log: EnumerableSessionLog, key: SessionKey): Promise<StoredSession> {
  const stored: StoredCommit[] = [];
  for (let page = await log.readAfter(key, 0, PAGE); page.length > 0;) {
    stored.push(...page);
    page = await log.readAfter(key, page.at(-1)?.last ?? 0, PAGE);
  }
  const commits = stored.map((one) => parseCommit(key, one));
  const flows = await flowsOf(log, commits.flatMap(flowsApart));
  const whole = createWholeCommits({ log, digest: createNodeDigest() });
  return { key, stored, commits: await Promise.all(commits.map(whole)), flows };
}

export function reportSession({ key, commits }: StoredSession): SessionReport {
  const events = commits.flatMap((commit) => commit.events);
  return {
    session: key.session,
    events: events.length,
    firstSequence: events[0]?.sequence ?? 0,
    lastSequence: events.at(-1)?.sequence ?? 0,
    replies: events.filter(({ type }) => type === "ReplySent").length,
    ms: (commits.at(-1)?.seen.now ?? 0) - (commits[0]?.seen.now ?? 0),
  };
}

/** All sessions in numbers, held against themselves and against what was sent. `problems` says what is wrong in words. */
export function reportLog(
  sessions: readonly StoredSession[],
  sent: readonly SentInput[],
): LogReport & { readonly problems: readonly string[] } {
  const dump = sessions.map(({ key, stored }) => ({ ...key, commits: stored.map(({ text }) => text) }));
  const flows = [...new Set(sessions.flatMap((session) => session.flows))];
  const { gaps, duplicates, lost, findings } = checkLog({ sessions: dump, sent: [...sent], flows });
  return {
    sessions: sessions.length,
    replies: sessions.reduce((sum, one) => sum + reportSession(one).replies, 0),
    gaps,
    duplicates,
    lost,
    problems: findings.map(({ session, text }) => `${session}: ${text}`),
  };
}
