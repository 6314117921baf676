import { sessionKeyText } from "#core/ids.ts";
import { isTombstone } from "#core/session/tombstone.ts";
import type { CommitPlace } from "#ports/queues.ts";
import type { SessionLog, StoredCommit } from "#ports/session-log.ts";
import type { RelayWork } from "./relay-work.ts";

export interface WorkReading {
  readonly log: Pick<SessionLog, "readAfter">;
  /** Told of a place at which nobody ever wrote a commit: whoever named it made it up. */
  readonly onMadeUp?: (place: CommitPlace) => void;
}

/** What the log holds at a place. Nothing where retention has deleted the commits of a session that ended long ago. */
export async function readWork(
  { log, onMadeUp }: WorkReading,
  place: CommitPlace,
): Promise<RelayWork | undefined> {
  const [commit] = await log.readAfter(place, place.first - 1, 1);
  if (commit?.first === place.first) return workAt(place, commit);
  if (commit === undefined || !isTombstone(commit.text)) onMadeUp?.(place);
  return undefined;
}

/** What the log holds at places of one session, the oldest first: a batch has them one after another as a rule. */
export async function readWorks(
  reading: WorkReading,
  places: readonly CommitPlace[],
): Promise<readonly RelayWork[]> {
  const [oldest] = places;
  const page =
    oldest === undefined || places.length === 1
      ? []
      : await reading.log.readAfter(oldest, oldest.first - 1, places.length);
  const known = new Map(page.map((commit) => [commit.first, commit]));
  const works = await Promise.all(
    places.map(async (place) => {
      const commit = known.get(place.first);
      return commit === undefined ? readWork(reading, place) : workAt(place, commit);
    }),
  );
  return works.filter((work) => work !== undefined);
}

const workAt = ({ tenant, session, left, again }: CommitPlace, commit: StoredCommit): RelayWork => ({
  tenant,
  session,
  commit,
  ...(left && { left }),
  ...(again && { again }),
});

export const placeOf = ({ tenant, session, commit, left, again }: RelayWork): CommitPlace => ({
  tenant,
  session,
  first: commit.first,
  ...(left && { left }),
  ...(again && { again }),
});

export const placeName = (place: CommitPlace): string => `${sessionKeyText(place)} ${place.first}`;
