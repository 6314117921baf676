import { isIdle } from "#core/session/state.ts";
import { readTombstone } from "#core/session/tombstone.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import { keyOf } from "../sim-names.ts";
import type { WorldResult } from "../sim-world.ts";
import type { History } from "./history.ts";
import type { Report } from "./violation.ts";

/** By how much the clocks of two writers differ, at most. */
const SKEW_MS = 10_500;

/**
 * Of a session on which a tombstone stands: it had come to rest long enough before, nothing was committed after, and what is
 * left is the tombstone, with the hash of the last commit.
 */
export function checkExpired(
  { record, final, stored: followed }: History,
  stored: readonly StoredCommit[],
  retentionMs: number,
  { digest, keptKeys, quiet }: Pick<WorldResult, "digest" | "keptKeys" | "quiet">,
  report: Report,
): void {
  const expiredAt = record.expiredAt ?? 0;
  if (!isIdle(final))
    report("Nothing lost", "nothing of a live session is deleted", `it ended at ${final.sequence}`);
  const youngest = Math.max(...record.appended.map(({ at }) => at));
  if (youngest > expiredAt)
    report(
      "Nothing lost",
      "nothing begins behind a tombstone",
      `a commit came ${youngest - expiredAt} ms later`,
    );
  else if (expiredAt - youngest < retentionMs - SKEW_MS)
    report(
      "Nothing lost",
      "a session stays for its retention",
      `it ended ${expiredAt - youngest} ms after its last commit, not ${retentionMs}`,
    );
  const [newest] = stored.slice(-1);
  const tombstone = newest === undefined ? undefined : readTombstone(keyOf(record.key), newest.text);
  const last = followed.at(-1);
  if (tombstone?.first !== final.sequence + 1 || tombstone.previous !== digest.sha256(last?.text ?? ""))
    report("Nothing lost", "a tombstone stands at the end", `after ${final.sequence} stands ${newest?.text}`);
  if (stored.length > 1 && !record.restored)
    report("Nothing lost", "only the tombstone is left", `${stored.length - 1} commits are there still`);
  if (quiet && keptKeys.includes(record.key) && !record.restored)
    report("Sealed", "a session that has ended has no key", "its key is there still");
}
