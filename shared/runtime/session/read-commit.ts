import type { SessionKey } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import type { Commit } from "#core/session/commit.ts";
import type { SessionLog, StoredCommit } from "#ports/session-log.ts";

/** As `parseCommit`, of a commit that a log handed out: once, where that log keeps what was made of it. */
export function readCommit(
  { readings }: Pick<SessionLog, "readings">,
  key: SessionKey,
  stored: StoredCommit,
): Commit {
  const known = readings?.commits.get(stored);
  if (known?.tenant === key.tenant && known.session === key.session) return known;
  const commit = parseCommit(key, stored);
  readings?.commits.set(stored, commit);
  return commit;
}
