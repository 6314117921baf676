import type { Json } from "#core/json.ts";
import type { StoredSession } from "#local/check-log/dump.ts";
import type { FaultySpine, SessionLogs } from "../faulty-spine.ts";

/** How a session stands, read from its log. */
export interface SessionEnd {
  readonly stored: StoredSession;
  /** The texts of the flows that its commits name. */
  readonly flows: readonly string[];
  /** Missing as long as there is none. */
  readonly reply: Json | undefined;
  /** From its first commit to the one with the reply. */
  readonly tookMs: number;
  /** The types of its events. */
  readonly types: readonly string[];
}

/** One after another: whoever looks must not be what the spine has to wait for. */
export async function readEnds(
  spine: FaultySpine,
  sessions: readonly string[],
): Promise<readonly SessionEnd[]> {
  const ends: SessionEnd[] = [];
  for (const session of sessions) ends.push(endOf(await spine.readLog(session)));
  return ends;
}

function endOf({ stored, commits, flows }: SessionLogs): SessionEnd {
  const replied = commits.find(({ events }) => events.some(({ type }) => type === "ReplySent"));
  const reply = replied?.events.find((event) => event.type === "ReplySent");
  return {
    stored,
    flows,
    reply: reply?.type === "ReplySent" ? reply.data.body : undefined,
    tookMs: (replied?.seen.now ?? 0) - (commits[0]?.seen.now ?? 0),
    types: commits.flatMap(({ events }) => events.map(({ type }) => type)),
  };
}
