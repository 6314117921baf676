import type { SessionKey } from "#core/ids.ts";
import { ENDS_RUN } from "#core/session/ends-run.ts";
import { ENDS_TASK } from "#core/session/ends-task.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import type { LiveRecord } from "#core/session/live/live-record.ts";
import type { LiveOutput } from "#ports/live-output.ts";
import type { OpenTask } from "./stream-reader.ts";

/** What agents say that a stream has not told yet. */
export interface LiveNews {
  /** Follows which tasks are open, by the events that the stream tells. */
  note(event: RecordedEvent): void;
  /** The newest of each open task, where it is newer than what was told before. Throws nothing: what is lost, the log says. */
  since(): Promise<readonly LiveRecord[]>;
}

/** @param open the tasks that are open where the log ended when the stream began */
export function createLiveNews(
  live: LiveOutput,
  {
    key,
    open,
    onTrouble,
  }: {
    readonly key: SessionKey;
    readonly open: readonly OpenTask[];
    readonly onTrouble: (error: unknown, key: SessionKey) => void;
  },
): LiveNews {
  const tasks = new Set(open.map(({ task }) => task));
  const runOf = new Map(open.map(({ task, run }) => [task, run]));
  const told = new Map<string, LiveRecord>();

  const forget = (task: string): void => {
    tasks.delete(task);
    runOf.delete(task);
    told.delete(task);
  };

  const isNew = (record: LiveRecord): boolean => {
    const before = told.get(record.task);
    return before === undefined || record.attempt > before.attempt || record.n > before.n;
  };

  return {
    note({ type, data }) {
      if (type === "SessionForked")
        for (const { id, run } of Object.values(data.state.tasks)) runOf.set(id, run);
      if (type === "TaskCreated") runOf.set(data.task, data.run);
      if (type === "AttemptDispatched") tasks.add(data.task);
      if ("task" in data && data.task !== undefined && ENDS_TASK.has(type)) forget(data.task);
      // Its tasks have no outcome of their own then.
      if ("run" in data && ENDS_RUN.has(type))
        for (const [task, run] of runOf) if (run === data.run) forget(task);
    },
    async since() {
      if (tasks.size === 0) return [];
      try {
        const found = (await live.read(key)).filter((record) => tasks.has(record.task) && isNew(record));
        for (const record of found) told.set(record.task, record);
        return found;
      } catch (error) {
        onTrouble(error, key);
        return [];
      }
    },
  };
}
