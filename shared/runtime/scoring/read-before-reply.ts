import { isSpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import type { Commit } from "#core/session/commit.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { readCommit } from "../session/read-commit.ts";

/** Events before a commit that scorers see of it, about: however long a session is, a reply's scores cost no more. */
export const MOST_EVENTS_BEFORE = 1_000;
const PAGE = 100;

/**
 * A published commit and what came before it, and of what is longer ago the commits that it replies to. Nothing where its session has
 * ended meanwhile.
 */
export async function readBeforeReply(
  log: SessionLog,
  key: SessionKey,
  { first, last }: Pick<SessionAdvanced, "first" | "last">,
  most = MOST_EVENTS_BEFORE,
): Promise<readonly Commit[]> {
  try {
    const near = await readUntil(log, key, Math.max(0, first - 1 - most), last);
    return [...(await repliedTo(log, key, near)), ...near];
  } catch (error) {
    if (isSpineError(error, "session.expired")) return [];
    throw error;
  }
}

async function readUntil(
  log: SessionLog,
  key: SessionKey,
  after: number,
  last: number,
): Promise<readonly Commit[]> {
  const commits: Commit[] = [];
  for (let from = after; from < last;) {
    const page = await log.readAfter(key, from, PAGE);
    for (const stored of page) if (stored.first <= last) commits.push(readCommit(log, key, stored));
    from = page.length < PAGE ? last : (page.at(-1)?.last ?? last);
  }
  return commits;
}

/** Commits of inputs that stand before these. Flows that began with them have their names there. */
async function repliedTo(
  log: SessionLog,
  key: SessionKey,
  near: readonly Commit[],
): Promise<readonly Commit[]> {
  const start = near[0]?.first ?? 0;
  const events = near.at(-1)?.events ?? [];
  const inputs = events.flatMap(({ type, data }) => (type === "ReplySent" ? [data.to] : []));
  const far = [...new Set(inputs)].filter((to) => to < start).toSorted((a, b) => a - b);
  const found = new Map<number, Commit>();
  for (const to of far) {
    const stored = (await log.readUpTo(key, to)).at(-1);
    if (stored !== undefined && stored.first < start) found.set(stored.first, readCommit(log, key, stored));
  }
  return [...found.values()];
}
