import { sessionKeyText } from "#core/ids.ts";
import { isTombstone } from "#core/session/tombstone.ts";
import type { CommitRef } from "#ports/queues.ts";
import type { SessionLog, StoredCommit } from "#ports/session-log.ts";
import type { RelayWork } from "./relay-work.ts";

export interface WorkReading {
  readonly log: Pick<SessionLog, "readAfter">;
  /** Told of a ref to a commit that nobody ever wrote: whoever named it made it up. */
  readonly onMadeUp?: (ref: CommitRef) => void;
}

/** The commit that a ref names. Nothing where retention has deleted the commits of a session that ended long ago. */
export async function readWork(
  { log, onMadeUp }: WorkReading,
  ref: CommitRef,
): Promise<RelayWork | undefined> {
  const [commit] = await log.readAfter(ref, ref.first - 1, 1);
  if (commit?.first === ref.first) return workAt(ref, commit);
  if (commit === undefined || !isTombstone(commit.text)) onMadeUp?.(ref);
  return undefined;
}

/** Read beside the commits of a batch: mostly they are the answers to what its last one ordered, and in the same read units. */
const MORE = 3;

/** The commits that refs of one session name, the oldest first: a batch has them one after another as a rule. */
export async function readWorks(
  reading: WorkReading,
  refs: readonly CommitRef[],
): Promise<readonly RelayWork[]> {
  const [oldest] = refs;
  const page =
    oldest === undefined ? [] : await reading.log.readAfter(oldest, oldest.first - 1, refs.length + MORE);
  const known = new Map(page.map((commit) => [commit.first, commit]));
  const newest = Math.max(...refs.map(({ first }) => first));
  const later = page.filter(({ first }) => first > newest);
  const works = await Promise.all(
    refs.map(async (ref) => {
      const commit = known.get(ref.first);
      if (commit === undefined) return readWork(reading, ref);
      return { ...workAt(ref, commit), later };
    }),
  );
  return works.filter((work) => work !== undefined);
}

const workAt = ({ tenant, session, left, again }: CommitRef, commit: StoredCommit): RelayWork => ({
  tenant,
  session,
  commit,
  ...(left && { left }),
  ...(again && { again }),
});

export const refOf = ({ tenant, session, commit, left, again }: RelayWork): CommitRef => ({
  tenant,
  session,
  first: commit.first,
  ...(left && { left }),
  ...(again && { again }),
});

export const refName = (ref: CommitRef): string => `${sessionKeyText(ref)} ${ref.first}`;
