import { sessionKeyText } from "#core/ids.ts";
import { LIVE_PAUSE_MS, type LiveRecord } from "#core/session/live/live-record.ts";
import type { LiveOutput } from "#ports/live-output.ts";

interface Kept {
  readonly record: LiveRecord;
  readonly at: number;
}

/** Live output in memory. Nothing expires: for tests and for spines in one process. */
export function createMemoryLiveOutput(): LiveOutput {
  const sessions = new Map<string, Map<string, Kept>>();
  return {
    put(key, record, at) {
      const name = sessionKeyText(key);
      const tasks = sessions.get(name) ?? new Map<string, Kept>();
      sessions.set(name, tasks);
      if (replaces(tasks.get(record.task), record, at)) tasks.set(record.task, { record, at });
      return Promise.resolve();
    },
    read(key) {
      const tasks = [...(sessions.get(sessionKeyText(key)) ?? [])];
      return Promise.resolve(
        tasks.toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, { record }]) => record),
      );
    },
  };
}

function replaces(known: Kept | undefined, { attempt, n }: LiveRecord, at: number): boolean {
  if (known === undefined || attempt > known.record.attempt) return true;
  return attempt === known.record.attempt && n > known.record.n && at >= known.at + LIVE_PAUSE_MS;
}
