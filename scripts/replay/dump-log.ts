import { parseCommit } from "#core/session/codec.ts";
import { flowsApart } from "#core/session/stored-flows.ts";
import type { EnumerableSessionLog, SessionLog } from "#ports/session-log.ts";
import type { LogDump, SentInput, StoredSession } from "#local/check-log/dump.ts";

const PAGE = 100;

/** A whole log as it is stored, with the list of what was sent to it. */
export async function dumpLog(log: EnumerableSessionLog, sent: readonly SentInput[]): Promise<LogDump> {
  const sessions: StoredSession[] = [];
  const named = new Set<string>();
  for (const key of await log.sessions()) {
    const commits: string[] = [];
    for (let after = 0; ;) {
      const page = await log.readAfter(key, after, PAGE);
      commits.push(...page.map(({ text }) => text));
      for (const stored of page) for (const hash of flowsApart(parseCommit(key, stored))) named.add(hash);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) break;
      after = last.last;
    }
    sessions.push({ tenant: key.tenant, session: key.session, commits });
  }
  return { sessions, sent: [...sent], flows: await flowsOf(log, named) };
}

/** The texts of flows, as far as the log has them: what is missing is found by whoever checks the dump. */
export async function flowsOf(
  { flows }: Pick<SessionLog, "flows">,
  hashes: Iterable<string>,
): Promise<string[]> {
  const texts = await Promise.all([...hashes].map((hash) => flows.get(hash)));
  return texts.filter((text) => text !== undefined);
}
