import type { EnumerableSessionLog } from "#ports/session-log.ts";
import type { LogDump, SentInput, StoredSession } from "#local/check-log/dump.ts";

const PAGE = 100;

/** A whole log as it is stored, with the list of what was sent to it. */
export async function dumpLog(log: EnumerableSessionLog, sent: readonly SentInput[]): Promise<LogDump> {
  const sessions: StoredSession[] = [];
  for (const key of await log.sessions()) {
    const commits: string[] = [];
    for (let after = 0; ;) {
      const page = await log.readAfter(key, after, PAGE);
      commits.push(...page.map(({ text }) => text));
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) break;
      after = last.last;
    }
    sessions.push({ tenant: key.tenant, session: key.session, commits });
  }
  return { sessions, sent: [...sent] };
}
